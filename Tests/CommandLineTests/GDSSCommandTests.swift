import Foundation
import Genera
import Testing

/// A model of small graphs and one of small molecules, each trained for three steps: enough to be loaded and drawn from.
enum TinyGraphs {
    static let sizes =
        "--batch-size 4 --depth 2 --num-layers 2 --nhid 8 --adim 8 --num-scales 12 --steps 3 --preview-every 0 --workers 2 -q"
    static let molecules = ["CCO", "C=O", "CC#N", "c1ccccc1", "CC(=O)O", "CN", "CCF", "OCCO", "C1CC1", "NCC=O"]

    /// The runs `graphs` and `molecules`, made once.
    static let folder: Result<Scratch, any Error> = Result {
        let folder = try Scratch()
        try folder.write(molecules.joined(separator: "\n") + "\n", to: "molecules.smi")
        for words in [
            "gdss make community_small --count 12 --seed 1 --out graphs.json -q",
            "train gdss --data graphs.json \(sizes) --output graphs",
            "train gdss --data molecules.smi \(sizes) --output molecules",
        ] {
            let outcome = try run(words, in: folder)
            try #require(outcome.status == 0, "\(outcome)")
        }
        return folder
    }
}

/// The family of graphs from the command line, from data to pictures.
@Suite(.serialized) struct GDSSCommandTests {
    @Test("A training leaves a model, its options and its course")
    func training() throws {
        let folder = try TinyGraphs.folder.get()
        #expect(
            Set(folder.names("graphs")).isSuperset(of: [
                "checkpoints", "config.yaml", "metrics.jsonl", "model.safetensors",
            ]))
        #expect(try folder.text("graphs/metrics.jsonl").contains("loss_adj"))
        let told = try run("inspect graphs/model.safetensors", in: folder)
        expectSuccess(told)
        for word in ["gdss", "community", "ScoreNetworkA", "VP"] {
            #expect(told.output.contains(word) || told.output.contains("graphs.json"), "\(word)")
        }
        expectSuccess(try run("train gdss --resume graphs --steps 5 -q", in: folder))
    }

    @Test(
        "Graphs in every format, each of which can be read again", arguments: ["json", "g6", "s6", "edges", "graphml"])
    func formats(ending: String) throws {
        let folder = try TinyGraphs.folder.get()
        let words = "sample gdss --checkpoint graphs --count 3 --seed 4 --force -q"
        expectSuccess(try run("\(words) --out all.\(ending)", in: folder))
        expectSuccess(try run("\(words) --out compare.json", in: folder))
        let (graphs, compare) = try (
            Graph.source(at: folder.file("all.\(ending)")).all(), Graph.source(at: folder.file("compare.json")).all()
        )
        #expect(graphs.count == 3)
        // Edge lists and g6 know no more than who is joined to whom.
        for (a, b) in zip(graphs, compare) {
            #expect(a.nodes.count == b.nodes.count)
            #expect(
                Set(a.edges.map { [$0.source, $0.target].sorted() })
                    == Set(b.edges.map { [$0.source, $0.target].sorted() }))
        }
        expectSuccess(try run("reproduce all.\(ending)", in: folder))
    }

    @Test("Pictures of all graphs, of each, and of their way")
    func pictures() throws {
        let folder = try TinyGraphs.folder.get()
        let words = "sample gdss --checkpoint graphs --count 4 --force -q"
        expectSuccess(try run("\(words) --out all.png --trajectory way.png --preview-every 4", in: folder))
        #expect(try PNG.read(folder.file("all.png")).width > 100)
        #expect(try APNG.read(folder.file("way.png")).frames.count >= 3)
        expectSuccess(try run("reproduce all.png", in: folder))
        expectSuccess(try run("\(words) --indices 1,3 --out each/", in: folder))
        #expect(folder.names("each").filter { $0.hasSuffix(".png") }.count == 2)
    }

    @Test("Molecules in every format", arguments: ["smi", "sdf", "json", "png"])
    func molecules(ending: String) throws {
        let folder = try TinyGraphs.folder.get()
        expectSuccess(
            try run("sample gdss --checkpoint molecules --count 3 --out m.\(ending) --force -q", in: folder))
        expectSuccess(try run("reproduce m.\(ending)", in: folder))
        let counts: [String: (String) -> Int] = [
            "smi": { $0.split(separator: "\n").count }, "sdf": { $0.components(separatedBy: "$$$$").count - 1 },
            "json": { $0.components(separatedBy: "\"atoms\"").count - 1 },
        ]
        if let count = counts[ending] { #expect(count(try folder.text("m.\(ending)")) == 3) }
    }

    @Test(
        "Samples are the same whatever batch and workers, and each way of drawing works",
        arguments: ["Euler", "Reverse", "S4", "Heun", "Exponential"])
    func ways(predictor: String) throws {
        let folder = try TinyGraphs.folder.get()
        let words = "sample gdss --checkpoint graphs --count 5 --predictor \(predictor) --steps 6 --force -q"
        expectSuccess(try run("\(words) --workers 1 --out a.g6", in: folder))
        expectSuccess(try run("\(words) --workers 3 --batch 2 --out b.g6", in: folder))
        #expect(try folder.bytes("a.g6") == folder.bytes("b.g6"))
        expectSuccess(try run("\(words) --nodes 5 --ema --out c.json", in: folder))
        #expect(try Graph.source(at: folder.file("c.json")).all().allSatisfy { $0.nodes.count <= 5 })
    }

    @Test("A model is measured, and its graphs are")
    func measures() throws {
        let folder = try TinyGraphs.folder.get()
        expectSuccess(try run("gdss make community_small --count 40 --out real.json --force -q", in: folder))
        let outcome = try run(
            "evaluate gdss --checkpoint graphs --count 16 --reference real.json --out measured.json --force -q",
            in: folder)
        expectSuccess(outcome)
        expectSuccess(try run("sample gdss --checkpoint graphs --count 4 --out drawn.json --force -q", in: folder))
        expectSuccess(
            try run(
                "gdss check drawn.json --shape planar --training graphs.json --reference graphs.json --out check.md --force -q",
                in: folder))
        let table = try folder.text("check.md")
        for word in ["connected", "unique", "novel", "V.U.N.", "degree MMD", "spectral MMD"] {
            #expect(table.contains(word), "\(word)\n\(table)")
        }
        let own = try run("gdss check graphs.json --reference graphs.json --out own.csv --force -q", in: folder)
        expectSuccess(own)
        #expect(try folder.text("own.csv").contains("degree"))
    }

    @Test("Graphs by a rule are the same however many are made", arguments: ["planar", "tree", "grid", "lobster"])
    func rules(name: String) throws {
        let folder = try TinyGraphs.folder.get()
        expectSuccess(try run("gdss make \(name) --count 2 --seed 3 --out two.json --force -q", in: folder))
        expectSuccess(try run("gdss make \(name) --count 4 --seed 3 --out four.json --force -q", in: folder))
        let (two, four) = try (
            Graph.source(at: folder.file("two.json")).all(), Graph.source(at: folder.file("four.json")).all()
        )
        #expect(two.count == 2 && Array(four.prefix(2)) == two)
        expectSuccess(try run("reproduce two.json", in: folder))
    }

    @Test("Solvers and settings are tried in tables")
    func tables() throws {
        let folder = try TinyGraphs.folder.get()
        expectSuccess(
            try run(
                "gdss table solvers --checkpoint graphs --reference graphs.json --count 2 --steps 12 --out t.md --force -q",
                in: folder))
        let table = try folder.text("t.md")
        for word in ["Euler + Langevin", "Reverse", "S4", "Heun", "Exponential"] { #expect(table.contains(word)) }
        expectSuccess(
            try run(
                "gdss tune --checkpoint graphs --reference graphs.json --count 2 --steps 6 --snr 0.05,0.1 --scale-eps 0.7 --predictors S4,Heun --out best.yaml --force -q",
                in: folder))
        expectSuccess(
            try run("sample gdss --checkpoint graphs --config best.yaml --count 2 --out best.g6 --force -q", in: folder)
        )
        expectSuccess(
            try run("gdss speed graphs --count 2 --threads 1,2 --repeats 3 --out speed.csv --force -q", in: folder))
        #expect(try folder.text("speed.csv").split(separator: "\n").count >= 3)
        // Fewer steps than are measured.
        let short = TinyGraphs.sizes.replacing("--num-scales 12", with: "--num-scales 3")
        expectSuccess(try run("train gdss --data graphs.json \(short) --output short", in: folder))
        expectSuccess(try run("gdss speed short --count 2 --out short.csv --force -q", in: folder))
    }

    @Test("The family is listed, cited and completed")
    func mentions() throws {
        let folder = try TinyGraphs.folder.get()
        #expect(try run("list", in: folder).output.contains("gdss"))
        #expect(try run("cite gdss", in: folder).output.contains("System of Stochastic Differential Equations"))
        let script = try run("--generate-completion-script bash", in: folder)
        expectSuccess(script)
        for word in ["--sizes-of", "--noise-file", "Exponential", "--counter-noise"] {
            #expect(script.output.contains(word), "\(word)")
        }
    }

    @Test("A checkpoint of the authors' code draws the same before and after it is converted")
    func converts() throws {
        let folder = try TinyGraphs.folder.get()
        try TinyCheckpoint().write(to: folder.file("authors.pth"))
        expectSuccess(try run("convert authors.pth converted.safetensors --force -q", in: folder))
        let words = "--count 4 --nodes 3-8 --force -q"
        expectSuccess(try run("sample gdss --checkpoint authors.pth \(words) --out a.g6", in: folder))
        expectSuccess(try run("sample gdss --checkpoint converted.safetensors \(words) --out b.g6", in: folder))
        #expect(try folder.bytes("a.g6") == folder.bytes("b.g6"))
        #expect(try run("inspect authors.pth", in: folder).output.contains("ScoreNetworkA"))
    }

    @Test("Another program's numbers are replayed, and a graph without nodes is told")
    func replays() throws {
        let folder = try TinyGraphs.folder.get()
        try TinyCheckpoint().write(to: folder.file("replayed.pth"))
        func write(_ name: String, nodes: Int) throws {
            func tensor(_ shape: [Int]) -> RawTensor {
                let count = shape.reduce(1, *)
                return RawTensor((0..<count).map { sin(Float($0 * $0 % 997)) }, shape: shape)
            }
            let flags = (0..<2 * nodes).map { Float($0 < 5 ? 1 : 0) }
            try Safetensors.write(
                [
                    ("flags", RawTensor(flags, shape: [2, nodes])), ("raw_prior_x", tensor([2, nodes, 4])),
                    ("raw_prior_adj", tensor([2, nodes, nodes])), ("raw_noise_x", tensor([24, 2, nodes, 4])),
                    ("raw_noise_adj", tensor([24, 2, nodes, nodes])),
                ], to: folder.file(name))
        }
        try write("noise.safetensors", nodes: 8)
        try write("other.safetensors", nodes: 9)
        let words = "sample gdss --checkpoint replayed.pth --force"
        let outcome = try run("\(words) --noise-file noise.safetensors --out replayed.json", in: folder)
        expectSuccess(outcome)
        #expect(outcome.error.contains("row 2 has no node"))
        #expect(try Graph.source(at: folder.file("replayed.json")).all().map(\.nodes.count).last == 1)
        expectSuccess(try run("reproduce replayed.json", in: folder))
        expectFailure(
            try run("\(words) --noise-file other.safetensors --out other.json", in: folder), 65, "flags", "[2, 9]")
        expectFailure(
            try run("\(words) --noise-file noise.safetensors --steps 13 --out other.json", in: folder), 64,
            "ends before")
        #expect(!folder.has("other.json"))
    }
}
