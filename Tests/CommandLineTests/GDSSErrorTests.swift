import Foundation
import Genera
import Testing

/// What cannot be done with models of graphs ends in one sentence, and leaves no file behind.
@Suite(.serialized) struct GDSSErrorTests {
    /// A damaged checkpoint, and what is said of it.
    struct Damage: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let fragment: String
        let change: @Sendable (inout TinyCheckpoint) -> Void

        init(_ name: String, _ fragment: String, _ change: @escaping @Sendable (inout TinyCheckpoint) -> Void) {
            (testDescription, self.fragment, self.change) = (name, fragment, change)
        }

        init(_ path: String, to value: TinyCheckpoint.Value?, _ fragment: String) {
            self.init(path, fragment) { $0.set(path.split(separator: "/").map(String.init), to: value) }
        }
    }

    static let damages: [Damage] = [
        Damage("model_config/sde/x/type", to: .text("XX"), "known are VP, VE, subVP"),
        Damage("model_config/sde/adj/beta_min", to: .real(0), "0 < beta_min"),
        Damage("model_config/sde/adj/beta_max", to: .real(0.05), "beta_max"),
        Damage("model_config/sde/x/num_scales", to: .whole(13), "13 steps and edges 12"),
        Damage("model_config/sde/x/num_scales", to: .whole(1), "not 1"),
        Damage("model_config/sde/x/num_scales", to: .text("many"), "'model_config.sde.x.num_scales' must be a whole"),
        Damage("model_config/data/init", to: .text("eigen"), "'eigen'"),
        Damage("model_config/data/max_node_num", to: .whole(2_000_000_000), "10,000 nodes"),
        Damage("model_config/sampler/n_steps", to: .whole(0), "n_steps"),
        Damage("model_config/sde", to: nil, "'model_config.sde' is missing"),
        Damage("params_x/model_type", to: .text("ScoreNetworkZ"), "'ScoreNetworkZ'"),
        Damage("params_adj/conv", to: .text("GAT"), "known are GCN, MLP"),
        Damage("params_adj/adim", to: .whole(9), "cannot be cut into 4 heads"),
        Damage("params_adj/num_layers", to: .whole(1), "num_layers is 2 to 64"),
        Damage("x_state_dict/layers.0.weight", to: nil, "1 missing: layers.0.weight"),
        Damage("x_state_dict/surprise", to: .tensor([3]), "1 unexpected: surprise"),
        Damage(
            "x_state_dict/layers.0.weight", to: .tensor([4, 7]), "layers.0.weight is [4, 7], the network needs [4, 8]"),
        Damage("x_state_dict/layers.0.bias", to: .tensor([8], offset: 100), "the storage has 8"),
        Damage("model_config/evil", to: .raw(Array("cos\nsystem\n(X\u{2}\0\0\0idtR".utf8)), "os.system"),
        Damage("model_config/evil", to: .raw(Array("i".utf8)), "0x69"),
        Damage("a storage that ends early", "the storage has") { $0.cut = 2 },
        Damage("averages of another shape", "shadow_params[0] is [2]") {
            let average = TinyCheckpoint.Value.table([("shadow_params", .list((0..<10).map { _ in .tensor([2]) }))])
            $0.set(["ema_x"], to: average)
            $0.set(["ema_adj"], to: average)
        },
    ]

    @Test("A damaged checkpoint", arguments: damages)
    func damaged(damage: Damage) throws {
        let folder = try Scratch()
        var checkpoint = TinyCheckpoint()
        damage.change(&checkpoint)
        try checkpoint.write(to: folder.file("bad.pth"))
        expectFailure(
            try run("sample gdss --checkpoint bad.pth --nodes 4 --count 1 --out x.json -q", in: folder), 65, "bad.pth",
            damage.fragment)
        #expect(folder.names() == ["bad.pth"])
    }

    @Test("A checkpoint that is cut, empty or no checkpoint", arguments: [10, 2000, 0])
    func cut(length: Int) throws {
        let folder = try Scratch()
        try TinyCheckpoint().write(to: folder.file("good.pth"))
        try folder.write(folder.bytes("good.pth").prefix(length), to: "bad.pth")
        expectFailure(try run("sample gdss --checkpoint bad.pth --out x.json", in: folder), 65, "bad.pth")
    }

    @Test(
        "Options that do not go with a model or with each other",
        arguments: [
            ("sample gdss --checkpoint graphs --nodes 21", 64, "up to 20 nodes"),
            ("sample gdss --checkpoint graphs --nodes 5-3", 64, "--nodes"),
            ("sample gdss --checkpoint graphs --nodes 0", 64, "--nodes"),
            ("sample gdss --checkpoint graphs --sizes-of large.json", 64, "--sizes-of"),
            ("sample gdss --checkpoint graphs --sizes-of missing.json", 66, "missing.json"),
            ("sample gdss --checkpoint graphs --noise-file graphs/model.safetensors", 65, "'flags'"),
            ("sample gdss --checkpoint graphs --noise-file a --nodes 5", 64, "give one"),
            ("sample gdss --checkpoint graphs --noise-file a --counter-noise 5", 64, "--counter-noise"),
            ("sample gdss --checkpoint graphs --steps 1", 64, "2 to 1,000,000 steps"),
            ("sample gdss --checkpoint graphs --n-steps 0", 64, "n_steps"),
            ("sample gdss --checkpoint graphs --eps 0", 64, "eps"),
            ("sample gdss --checkpoint graphs --eps 1e-30", 64, "--eps"),
            ("sample gdss --checkpoint graphs --snr nan", 64, "snr"),
            ("sample gdss --checkpoint graphs --scale-eps -1", 64, "scale_eps"),
            ("sample gdss --checkpoint graphs --together 0", 64, "together"),
            ("sample gdss --checkpoint graphs --predictor Eulr", 64, "Did you mean 'Euler'"),
            ("sample gdss --checkpoint authors.pth --nodes 4 --ema", 64, "no averaged weights"),
            ("sample gdss --checkpoint authors.pth", 64, "--nodes"),
            ("sample gdss --checkpoint sub --predictor S4", 64, "S4"),
            ("sample gdss --checkpoint graphs --out x.smi", 64, ".smi"),
            ("train gdss --data graphs.json --num-layers 1", 64, "num_layers"),
            ("train gdss --data graphs.json --max-node-num 5", 64, "--max-node-num"),
            ("train gdss --data graphs.json --max-feat-num 2", 64, "--max-feat-num"),
            ("train gdss --data graphs.json --sde-adj subVP:0.1:1 --predictor S4", 64, "S4"),
            ("train gdss --data empty.json", 65, "empty.json"), ("train gdss --data missing.json", 66, "missing.json"),
            ("train gdss --data comunity_small", 66, "generator"),
            ("gdss check empty.json", 65, "empty.json"), ("gdss check graphs.json --shape cube", 64, "planar"),
            ("gdss make plnar --out made.json", 64, "Did you mean 'planar'"),
            ("gdss make planar --from graphs.json", 64, "--from"),
            ("gdss tune --checkpoint graphs --reference graphs.json --predictors ,", 64, "--predictors"),
            ("gdss tune --checkpoint graphs --reference empty.json", 65, "empty.json"),
            ("gdss table solvers --checkpoint graphs", 64, "--reference"),
            ("gdss table generic --data . --checkpoints . --sets nosuch", 66, "nosuch"),
            ("gdss speed graphs --threads 0", 64, "--threads"),
        ] as [(String, Int32, String)])
    func options(words: String, status: Int32, fragment: String) throws {
        let folder = try Self.folder.get()
        let before = folder.names()
        expectFailure(try run("\(words) -q", in: folder), status, fragment)
        #expect(folder.names() == before)
    }

    /// The trained models with files that are wrong for them.
    static let folder: Result<Scratch, any Error> = Result {
        let folder = try Scratch()
        let trained = try TinyGraphs.folder.get()
        for name in ["graphs", "graphs.json"] {
            try FileManager.default.copyItem(atPath: trained.file(name), toPath: folder.file(name))
        }
        try TinyCheckpoint().write(to: folder.file("authors.pth"))
        try folder.write("{\"graphs\": []}", to: "empty.json")
        for words in [
            "gdss make grid --count 1 --out large.json -q",
            "train gdss --data graphs.json \(TinyGraphs.sizes) --sde-adj subVP:0.1:1 --output sub",
        ] {
            let outcome = try run(words, in: folder)
            try #require(outcome.status == 0, "\(outcome)")
        }
        return folder
    }
}
