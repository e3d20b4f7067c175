import Foundation
import Genera
import Testing

/// A model of letters and an autoregressive one, each trained for two steps: enough to be loaded and drawn from.
enum TinyTexts {
    static let sizes =
        "--hidden-size 16 --n-heads 2 --n-blocks 1 --length 16 --batch-size 4 --n-iters 4 --steps 2 --preview-every 0 --workers 2 -q"

    /// The runs `run` and `causal`, made once.
    static let folder: Result<Scratch, any Error> = Result {
        let folder = try Scratch()
        try folder.write(String(repeating: "To be, or not to be, that is the question.\n", count: 20), to: "text.txt")
        for words in [
            "train radd --data text.txt \(sizes) --output run",
            "train radd --data text.txt \(sizes) --loss autoregressive --output causal",
        ] {
            let outcome = try run(words, in: folder)
            try #require(outcome.status == 0, "\(outcome)")
        }
        return folder
    }

    /// The texts of a file that was drawn.
    static func texts(_ name: String, in folder: Scratch) throws -> [String] {
        let value = try JSONText.parse(MappedFile(path: folder.file(name)).view, file: name)
        return try #require(value["texts"]?.items).map { try #require($0["text"]?.text) }
    }
}

/// The family of texts from the command line, from data to pictures.
@Suite(.serialized) struct RADDCommandTests {
    @Test("A training leaves a model, its options and its course, and goes on to the bit")
    func training() throws {
        let folder = try TinyTexts.folder.get()
        #expect(
            Set(folder.names("run")).isSuperset(of: [
                "checkpoints", "config.yaml", "metrics.jsonl", "model.safetensors",
            ]))
        let told = try run("inspect run/model.safetensors", in: folder)
        expectSuccess(told)
        for word in ["radd", "17, and the mask", "1 blocks of 16", "loglinear"] {
            #expect(told.output.contains(word), "\(word)\n\(told)")
        }
        let whole = TinyTexts.sizes.replacing("--steps 2", with: "--steps 4")
        expectSuccess(try run("train radd --data text.txt \(whole) --output whole", in: folder))
        expectSuccess(try run("train radd --data text.txt \(TinyTexts.sizes) --output parts", in: folder))
        expectSuccess(try run("train radd --resume parts --steps 4 -q", in: folder))
        let (a, b) = try (
            Safetensors(path: folder.file("whole/model.safetensors")),
            Safetensors(path: folder.file("parts/model.safetensors"))
        )
        for (one, other) in zip(try a.tensors, try b.tensors) {
            #expect(one.name == other.name && one.tensor.floats() == other.tensor.floats(), "\(one.name)")
        }
        let more = TinyTexts.sizes.replacing("--hidden-size 16 --n-heads 2 --n-blocks 1", with: "--from run")
        expectSuccess(try run("train radd --data text.txt \(more) --output more", in: folder))
    }

    @Test("Texts in every format", arguments: ["json", "txt", "png"])
    func formats(ending: String) throws {
        let folder = try TinyTexts.folder.get()
        expectSuccess(
            try run("sample radd --checkpoint run --count 3 --seed 4 --out all.\(ending) --force -q", in: folder))
        if ending == "json" { #expect(try TinyTexts.texts("all.json", in: folder).allSatisfy { $0.count == 16 }) }
        if ending == "txt" { #expect(try folder.text("all.txt").split(separator: "\u{C}").count == 3) }
        if ending == "png" { #expect(try PNG.read(folder.file("all.png")).width > 100) }
        expectSuccess(try run("reproduce all.\(ending)", in: folder))
    }

    @Test("A page fills in, and texts are files of their own")
    func pictures() throws {
        let folder = try TinyTexts.folder.get()
        let words = "sample radd --checkpoint run --force -q"
        expectSuccess(
            try run("\(words) --count 1 --trajectory way.png --preview-every 4 --out one.txt", in: folder))
        #expect(try APNG.read(folder.file("way.png")).frames.count >= 3)
        expectSuccess(try run("\(words) --indices 1,3 --out each/", in: folder))
        #expect(folder.names("each").filter { $0.hasSuffix(".png") }.count == 2)
    }

    @Test(
        "Texts are the same whatever batch and workers, and each way of drawing works",
        arguments: [
            "tweedie --steps 4", "euler --steps 4", "ordered --order backward", "first-hitting",
            "lowconf --steps 4 --remasking margin", "lowconf --block-length 4 --steps 8",
            "threshold --threshold 0.2 --block-length 8 --approx-cache dual", "maskgit --steps 4", "mdlm --steps 4",
            "remdm-cap --steps 6", "remdm-rescale --steps 6", "remdm-conf --steps 6", "remdm-loop --steps 6",
            "forward-backward --steps 6", "tweedie --steps 4 --sampling-precision reference",
            "tweedie --strategy top_p --strategy-para 0.7", "tweedie --strategy top_k --strategy_para 3",
            "tweedie --temperature 0", "tweedie --length 40 --stride 8", "tweedie --precision bf16",
        ])
    func ways(words: String) throws {
        let folder = try TinyTexts.folder.get()
        let all = "sample radd --checkpoint run --method \(words) --count 5 --force -q"
        expectSuccess(try run("\(all) --workers 1 --out a.json", in: folder))
        expectSuccess(try run("\(all) --workers 3 --batch 2 --out b.json", in: folder))
        #expect(try folder.bytes("a.json") == folder.bytes("b.json"))
        // What every letter was drawn as is a letter.
        #expect(try TinyTexts.texts("a.json", in: folder).allSatisfy { !$0.contains("\u{B7}") })
        expectSuccess(try run("reproduce a.json", in: folder))
    }

    @Test("What is given stays where it is")
    func given() throws {
        let folder = try TinyTexts.folder.get()
        let words = ["sample", "radd", "--checkpoint", "run", "--count", "3", "--out", "given.json", "--force", "-q"]
        func texts(_ more: String...) throws -> [String] {
            expectSuccess(try Program.run(words + more, in: folder))
            return try TinyTexts.texts("given.json", in: folder)
        }
        #expect(
            try texts("--prompt", "to be[MASK:4]not", "--guidance", "1").allSatisfy {
                $0.hasPrefix("to be") && $0.hasSuffix("not") && $0.count == 12
            })
        #expect(
            try texts("--prefix", "to be", "--suffix", "not").allSatisfy {
                $0.hasPrefix("to be") && $0.hasSuffix("not") && $0.count == 16
            })
        try folder.write(#"{"texts": [{"position": 3, "text": "be"}]}"#, to: "infill.json")
        #expect(try texts("--infill", "infill.json").allSatisfy { $0.dropFirst(3).hasPrefix("be") })
        try folder.write("to[MASK:2]\nthat[MASK:9]\n", to: "prompts.txt")
        #expect(try texts("--prompts", "prompts.txt").map(\.count) == [4, 13, 4])
        try folder.write("[\(Array(0..<16).reversed().map(String.init).joined(separator: ", "))]", to: "order.json")
        let listed = try texts("--method", "ordered", "--order", "order.json")
        #expect(try texts("--method", "ordered", "--order", "backward") == listed)
        expectSuccess(try run("reproduce given.json", in: folder))
    }

    @Test("A model is measured, and texts are")
    func measures() throws {
        let folder = try TinyTexts.folder.get()
        try folder.write(String(repeating: "To be, or not to be, that is the question.\n", count: 1200), to: "real.txt")
        let measured = try run(
            "evaluate radd --checkpoint run --count 32 --reference real.txt --out measured.json --force -q", in: folder)
        expectSuccess(measured)
        for word in ["trigrams", "known_words", "distinct"] {
            #expect(try folder.text("measured.json").contains(word), "\(word)")
        }
        for (words, wanted) in [
            ("score --checkpoint run --text to --loss k_DCE --monte-carlo 2", ["perplexity", "k_DCE"]),
            ("score --checkpoint run --text to --order forward", ["order forward"]),
            ("score --checkpoint causal text.txt", ["autoregressive"]),
            ("perplexity --checkpoint run --data text.txt --part validation --loss all --monte-carlo 4", ["t_DSE"]),
            ("genppl --checkpoint run --count 4 --by causal", ["gen_ppl_mean", "gen_ppl_pooled"]),
            ("samplers --checkpoint run --ways tweedie:4,threshold,threshold+dual --count 4 --by causal", ["KL"]),
            ("enfe --length 16 --steps 4,16 --count 20", ["schedule"]),
            ("tokenize --checkpoint run --text to", ["piece"]),
        ] {
            expectSuccess(try run("radd \(words) --out table.csv --force -q", in: folder))
            for word in wanted { #expect(try folder.text("table.csv").contains(word), "\(words): \(word)") }
        }
    }

    @Test("The family is listed, cited and completed")
    func mentions() throws {
        let folder = try TinyTexts.folder.get()
        #expect(try run("list", in: folder).output.contains("radd"))
        #expect(try run("cite radd", in: folder).output.contains("Absorbing Discrete Diffusion"))
        let script = try run("--generate-completion-script bash", in: folder)
        expectSuccess(script)
        for word in ["--approx-cache", "--sampling-precision", "remdm-loop", "lambda_DCE"] {
            #expect(script.output.contains(word), "\(word)")
        }
    }

    @Test("A model draws the same as a folder of a model hub, and when it is back")
    func converts() throws {
        let folder = try TinyTexts.folder.get()
        expectSuccess(try run("convert run/model.safetensors there.hub --force -q", in: folder))
        #expect(folder.has("there.hub/config.json"))
        expectSuccess(try run("convert there.hub back.safetensors --force -q", in: folder))
        var texts: [[UInt8]] = []
        for name in ["run", "there.hub", "back.safetensors"] {
            expectSuccess(try run("sample radd --checkpoint \(name) --count 3 --out c.txt --force -q", in: folder))
            texts.append(try folder.bytes("c.txt"))
        }
        #expect(texts[0] == texts[1] && texts[1] == texts[2])
        #expect(try run("inspect there.hub", in: folder).output.contains("17, and the mask"))
    }

    /// What is wrong, the status, and what is said of it.
    static let mistakes: [(words: String, status: Int32, said: String)] = [
        ("train radd --data none.txt", 66, "none.txt"), ("train radd --data latin.txt", 65, "byte 3 is no UTF-8"),
        ("train radd --data empty.txt", 65, "is empty"), ("train radd --data one.txt", 64, "two different letters"),
        ("train radd --data text.txt --length 4096", 65, "no block of 4096"),
        ("train radd --data lines.jsonl", 65, "has no field 'text'"),
        ("train radd --data odd.bin", 64, "numbers of tokens"),
        ("train radd --data text.txt --batch-size 9 --accum 2", 64, "--accum must divide"),
        ("train radd --data text.txt --tokenizer gpt2", 66, "no vocabulary of GPT-2"),
        ("train radd --data text.txt --from run --n-blocks 2", 64, "--n-blocks is 1 there, not 2"),
        ("train radd --data text.txt --from run --loss autoregressive", 64, "sees both ways"),
        ("sample radd --checkpoint causal", 64, "autoregressive"),
        ("sample radd --checkpoint run --steps 0", 64, "--steps must be 1"),
        ("sample radd --checkpoint run --method ordered --steps 3", 64, "would leave 13 of 16 masked"),
        ("sample radd --checkpoint run --method ordered --order sideways", 64, "'sideways' is none of them"),
        ("sample radd --checkpoint run --method ordered --order list.json", 65, "list.json: it names a place twice"),
        ("sample radd --checkpoint run --strategy top_k --strategy-para 18", 64, "top_k takes 1 to 17 tokens"),
        ("sample radd --checkpoint run --strategy top_p --strategy-para 2", 64, "top_p takes a share"),
        ("sample radd --checkpoint run --prefix tobeornottobetobe", 64, "by 1"),
        ("sample radd --checkpoint run --prompt Z[MASK]", 64, "'Z' (U+005A)"),
        ("sample radd --checkpoint run --infill far.json", 65, "outside the text of 16 tokens"),
        ("sample radd --checkpoint run --infill letter.json", 65, "letter.json: the text at position 0"),
        ("sample radd --checkpoint run --prompts prompts.json", 65, "prompts.json: prompt 2"),
        ("sample radd --checkpoint run --approx-cache dual", 64, "--block-length"),
        ("sample radd --checkpoint run --method lowconf --block-length 4 --steps 6", 64, "multiple"),
        ("sample radd --checkpoint run --sampling-precision reference --method maskgit", 64, "reference is for"),
        ("sample radd --checkpoint run --out x.docx", 64, ".docx"),
        ("sample radd --checkpoint run --out /dev/full --force", 74, "No space left"),
        ("radd tokenize --checkpoint run --ids 99", 64, "'99' is none"),
        ("radd score --checkpoint run --text Z", 64, "'Z'"),
        ("radd samplers --checkpoint run --ways tweedy", 64, "no way to draw"),
    ]

    @Test("What cannot be ends in one sentence", arguments: mistakes)
    func mistaken(words: String, status: Int32, said: String) throws {
        let folder = try TinyTexts.folder.get()
        try folder.write([0x63, 0x61, 0x66, 0xE9, 0x20, 0x61], to: "latin.txt")
        try folder.write("", to: "empty.txt")
        try folder.write("aaaa", to: "one.txt")
        try folder.write([1, 2, 3], to: "odd.bin")
        for (name, text) in [
            ("lines.jsonl", #"{"body": "to be"}"#), ("list.json", "[0, 1, 1]"),
            ("far.json", #"{"positions": [16], "ids": [1]}"#), ("prompts.json", #"["to[MASK]", "Zu"]"#),
            ("letter.json", #"{"texts": [{"position": 0, "text": "Z"}]}"#),
        ] { try folder.write(text, to: name) }
        let before = folder.names()
        expectFailure(try run("\(words) -q", in: folder), status, said)
        #expect(folder.names() == before)
    }
}
