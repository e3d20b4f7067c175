import Foundation
import Genera
import Testing

@Suite struct EvaluationTests {
    let folder: Scratch

    init() throws { folder = try Scratch() }

    /// Points of a closed form: no checkpoint, and real ones at hand.
    private let toy = "evaluate pfgmpp --model analytic-gmm --count 60 --bootstrap 20"

    private func json(_ bytes: some Sequence<UInt8>) throws -> [String: Any] {
        try #require(JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
    }

    private func results(_ value: [String: Any]) throws -> [[String: Any]] {
        try #require(value["results"] as? [[String: Any]])
    }

    private func pictures(_ count: Int, side: Int, to name: String) throws {
        let bytes = (0..<count * side * side).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) }
        try NPY.write(RawTensor(bytes, shape: [count, side, side]), to: folder.file(name))
    }

    @Test("A table of every measure with interval, floor and verdict")
    func table() throws {
        let outcome = try run(toy, in: folder)
        expectSuccess(outcome)
        let lines = outcome.output.split(separator: "\n")
        #expect(lines[0].hasPrefix("60 drawn beside 60 real (the model's own law); floor: 60 other real"))
        #expect(lines[1].hasPrefix("measure") && lines[1].contains("95 %"))
        for name in ["energy", "mmd", "sliced-wasserstein", "frechet", "precision", "recall", "density", "coverage"] {
            let line = try #require(lines.first { $0.hasPrefix("\(name) ") })
            #expect(line.contains(" to ") && line.hasSuffix("real"), "\(line)")
        }
        let plain = try run("\(toy) --bootstrap 0 --measures energy", in: folder)
        expectSuccess(plain)
        #expect(!plain.output.contains("95 %"))
    }

    @Test("JSON holds the numbers and the recipe, the same on any number of threads")
    func numbers() throws {
        let one = try run("\(toy) --json --workers 1 --confidence 0.8 --seed 4", in: folder)
        let two = try run("\(toy) --json --workers 2 --confidence 0.8 --seed 4", in: folder)
        expectSuccess(one)
        func measures(_ outcome: Outcome) throws -> NSArray {
            try #require(results(json(outcome.bytes))[0]["measures"] as? NSArray)
        }
        #expect(try measures(one) == measures(two))
        let value = try json(one.bytes)
        #expect(value["confidence"] as? Double == 0.8 && value["halves"] as? Int == 20)
        #expect((value["command"] as? String)?.hasPrefix("genera evaluate pfgmpp --seed 4 --count 60") == true)
        let result = try results(value)[0]
        let recipe = try #require(result["recipe"] as? [String: Any])
        #expect((recipe["options"] as? [String: Any])?["model"] as? String == "analytic-gmm")
        #expect(recipe["seed"] as? String == "4" && result["real"] as? Int == 60)
        let energy = try #require((result["measures"] as? [[String: Any]])?.first { $0["name"] as? String == "energy" })
        let interval = try #require(energy["interval"] as? [Double])
        let middle = try #require(energy["value"] as? Double)
        #expect(interval[0] <= middle && middle <= interval[1] && energy["ratio"] is NSNull)
        #expect(energy["lowerIsBetter"] as? Bool == true && energy["floorInterval"] is [Double])
    }

    @Test("The command in the report gives the report again")
    func again() throws {
        let first = try run("\(toy) --json --measures energy --sweep steps=3,18 --solver euler", in: folder)
        expectSuccess(first)
        let command = try #require(json(first.bytes)["command"] as? String)
        let second = try run("\(command.dropFirst("genera ".count)) --json", in: folder)
        expectSuccess(second)
        func values(_ outcome: Outcome) throws -> [NSArray] {
            try results(json(outcome.bytes)).map { try #require($0["measures"] as? NSArray) }
        }
        #expect(try values(first) == values(second))
    }

    @Test("A sweep is a table, a CSV with its recipe, and curves")
    func sweep() throws {
        let words = "\(toy) --measures sliced-wasserstein,energy --sweep steps=3,6,18"
        let outcome = try run("\(words) --out steps.csv", in: folder)
        expectSuccess(outcome)
        let lines = outcome.output.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        #expect(lines[1] == ["steps", "NFE", "seconds", "sliced-wasserstein", "energy"])
        #expect(lines[2...4].map { $0[0] } == ["3", "6", "18"] && lines[2...4].map { $0[1] } == ["5", "11", "35"])
        #expect(lines[5][0] == "floor" && outcome.output.hasSuffix("steps.csv\n"))
        let table = try CSV(path: folder.file("steps.csv"))
        let drawn = try table.numbers(columns: ["value", "drawn", "drawn-low", "drawn-high", "floor"])
        #expect(table.rows.count == 6 && drawn[1] > 5 * drawn[21], "\(drawn)")
        #expect(drawn[2] <= drawn[1] && drawn[1] <= drawn[3])
        #expect(try results(json(folder.bytes("steps.csv.json"))).count == 3)
        expectSuccess(try run("\(words) --out steps.png -q", in: folder))
        #expect(try PNG.read(folder.file("steps.png")).width > 1000)
        let texts = try PNG.text(of: folder.file("steps.png"))
        let command = texts.first { $0.keyword == "Description" }?.value
        #expect(command?.contains("--sweep steps=3,6,18 --out steps.png") == true)
        #expect(
            try results(json(try #require(texts.first { $0.keyword == "genera.evaluation" }).value.utf8)).count == 3)
        expectFailure(try run("reproduce steps.png", in: folder), 65, "holds no recipe")
        expectFailure(try run("\(words) --out steps.png", in: folder), 73, "exists already", "--force")
    }

    @Test("Words can be swept, seeds too; without a sweep the picture has bars")
    func words() throws {
        for (sweep, name) in [("solver=euler,heun", "solver.png"), ("D=64,inf", "D.png"), ("seed=0,1", "seed.png")] {
            let outcome = try run("\(toy) --measures energy --steps 6 --sweep \(sweep) --out \(name)", in: folder)
            expectSuccess(outcome)
            #expect(folder.has(name))
        }
        expectSuccess(try run("\(toy) --measures energy,recall --out bars.png", in: folder))
        #expect(try PNG.read(folder.file("bars.png")).width > 1000)
        expectSuccess(try run("\(toy) --measures energy --out all.json -q", in: folder))
        #expect(try json(folder.bytes("all.json"))["family"] as? String == "pfgmpp")
    }

    @Test("Wrong words are told, with what was meant")
    func wrongWords() throws {
        expectFailure(try run("evaluate pfgmp", in: folder), 64, "Did you mean 'pfgmpp'?")
        expectFailure(try run("\(toy) --measures enrgy", in: folder), 64, "Did you mean 'energy'? Known: ")
        expectFailure(try run("\(toy) --sweep stpes=3,4", in: folder), 64, "Did you mean 'steps'?", "checkpoint")
        expectFailure(try run("\(toy) --sweep steps=3,x", in: folder), 64, "--sweep steps=x", "'x' is invalid")
        expectFailure(try run("\(toy) --sweep steps=0,3", in: folder), 64, "--sweep steps=0: --steps must be from 1")
        expectFailure(try run("\(toy) --sweep steps", in: folder), 64, "--sweep")
        expectFailure(try run("\(toy) --count 3", in: folder), 64, "--count must be from 16")
        expectFailure(try run("\(toy) --confidence 1", in: folder), 64, "--confidence lies between 0 and 1")
        expectFailure(try run("\(toy) --bootstrap 3", in: folder), 64, "--bootstrap must be 0, or from 20")
        expectFailure(try run("\(toy) --out a.txt", in: folder), 64, ".json, .csv or .png")
        expectFailure(try run("\(toy) --out no/a.csv", in: folder), 73, "there is no folder no")
        expectFailure(try run("\(toy) --sweep checkpoint=a,b", in: folder), 64, "reads none")
    }

    @Test("Points are compared with those of a file; wrong files are told")
    func pointFiles() throws {
        expectSuccess(try run("sample pfgmpp --model analytic-gmm --count 200 --seed 9 --out real.npy", in: folder))
        let outcome = try run("\(toy) --reference real.npy", in: folder)
        expectSuccess(outcome)
        #expect(outcome.output.contains("60 real (real.npy)"))
        let few = try run("\(toy) --reference real.npy --count 150 --measures energy", in: folder)
        expectSuccess(few)
        #expect(few.error.contains("200 real samples where 300 are wanted"))
        var values = try NPY.read(path: folder.file("real.npy")).doubles()
        values[7] = .infinity
        try NPY.write(RawTensor(values, shape: [200, 2]), to: folder.file("inf.npy"))
        try NPY.write(RawTensor([1, 2] as [Double], shape: [1, 2]), to: folder.file("few.npy"))
        try folder.write(folder.bytes("real.npy").prefix(500), to: "cut.npy")
        try folder.write("x,y\n1,2\n3\n", to: "cut.csv")
        expectFailure(try run("\(toy) --reference none.npy", in: folder), 66, "none.npy: there is no such file")
        expectFailure(try run("\(toy) --reference inf.npy", in: folder), 65, "inf.npy: sample 3", "holds inf")
        expectFailure(try run("\(toy) --reference few.npy", in: folder), 65, "few.npy: holds 1 samples", "at least 32")
        expectFailure(try run("\(toy) --reference cut.npy", in: folder), 65, "cut.npy")
        expectFailure(try run("\(toy) --reference cut.csv", in: folder), 65, "cut.csv: line 3")
    }

    @Test("Images of a checkpoint beside real ones; other sizes are told")
    func images() throws {
        try folder.write(TinyRun.model.get(), to: "tiny.safetensors")
        try pictures(40, side: 8, to: "real.npy")
        try pictures(40, side: 12, to: "large.npy")
        let words = "evaluate pfgmpp --checkpoint tiny --steps 2 --count 16 --bootstrap 20"
        let outcome = try run("\(words) --reference real.npy --json", in: folder)
        expectSuccess(outcome)
        let result = try results(json(outcome.bytes))[0]
        let measures = try #require(result["measures"] as? [[String: Any]])
        #expect(measures.count == 10 && measures.allSatisfy { $0["value"] is Double }, "\(outcome)")
        #expect((result["recipe"] as? [String: Any])?["checkpointSHA256"] is String)
        expectFailure(try run(words, in: folder), 64, "--reference PATH")
        expectFailure(
            try run("\(words) --reference large.npy", in: folder), 65, "large.npy: holds samples of shape [1, 12, 12]",
            "drawn ones are [1, 8, 8]")
        try folder.write("not a picture", to: "real.zip")
        expectFailure(try run("\(words) --reference real.zip", in: folder), 65, "real.zip")
        let swept = try run(
            "\(words) --reference real.npy --measures spectrum --sweep checkpoint=tiny,none", in: folder)
        expectFailure(swept, 66, "none")
    }

    @Test("Pairs: real sample i belongs to drawn sample i")
    func pairs() throws {
        expectSuccess(
            try run("sample pfgmpp --model analytic-gmm --count 8 --seed 4 --steps 3 --out eight.csv", in: folder))
        let points =
            "evaluate pfgmpp --model analytic-gmm --seed 4 --paired --reference eight.csv --count 8 --bootstrap 20"
        let same = try run("\(points) --steps 3", in: folder)
        expectSuccess(same)
        #expect(same.output.hasPrefix("8 drawn, each beside its own real one (eight.csv); no floor"))
        #expect(same.output.split(separator: "\n").contains { $0.hasPrefix("paired-distance  0  ") })
        let other = try run("\(points) --steps 9 --json --measures paired-distance", in: folder)
        expectSuccess(other)
        let result = try results(json(other.bytes))[0]
        let measure = try #require((result["measures"] as? [[String: Any]])?.first)
        #expect((measure["value"] as? Double ?? 0) > 0 && measure["interval"] is [Double] && measure["floor"] is NSNull)
        #expect(result["real"] as? Int == 8 && result["floorDrawn"] as? Int == 0)
        expectFailure(try run("\(points) --count 9", in: folder), 65, "eight.csv: holds 8 samples where 9 are drawn")
        expectFailure(try run("\(toy) --measures paired-energy", in: folder), 64, "--reference PATH --paired")
        expectFailure(try run("\(toy) --paired", in: folder), 64, "--paired needs real samples")
        let groups = (0..<40).flatMap { group in (0..<3).map { "g\(group),\($0),\(group % 7)\n" } }.joined()
        try folder.write("group,x,y\n\(groups)", to: "groups.csv")
        let grouped = try run("\(toy) --reference groups.csv --group-by group --measures energy", in: folder)
        expectSuccess(grouped)
        #expect(grouped.output.hasPrefix("60 drawn beside 20 real (groups.csv); floor: 20 other real"))
    }

    @Test("Pictures beside pictures of the same index")
    func picturePairs() throws {
        try folder.write(TinyRun.model.get(), to: "tiny.safetensors")
        let tiny = "pfgmpp --checkpoint tiny --steps 2 --count 4"
        expectSuccess(try run("sample \(tiny) --seed 1 --out one/", in: folder))
        let same = try run("evaluate \(tiny) --seed 1 --reference one --paired", in: folder)
        expectSuccess(same)
        #expect(
            same.output.split(separator: "\n").contains { $0.hasPrefix("psnr (more is better)") && $0.contains(" inf") }
        )
        let other = try run("evaluate \(tiny) --seed 2 --reference one --paired --measures psnr --json", in: folder)
        expectSuccess(other)
        let measure = try (results(json(other.bytes))[0]["measures"] as? [[String: Any]])?[0]
        #expect((-20...40).contains(measure?["value"] as? Double ?? 99))
        let pairs = try #require(try results(json(other.bytes))[0]["pairs"] as? [[String: Any]])
        #expect(Set(pairs.compactMap { $0["index"] as? Int }) == [0, 1, 2, 3])
        let mean = pairs.compactMap { $0["psnr"] as? Double }.reduce(0, +) / 4
        #expect(abs(mean - (measure?["value"] as? Double ?? 99)) < 1e-9)
        expectFailure(
            try run("evaluate \(tiny) --reference one --paired --measures lpips", in: folder), 64, "--lpips FILE")
        expectFailure(
            try run("evaluate \(tiny) --reference one --paired --lpips none.pth", in: folder), 66,
            "no such file of weights")
    }

    @Test("Options come from a file")
    func configuration() throws {
        try folder.write("model: analytic-gmm\ncount: 60\nmeasures: energy\nbootstrap: 0\n", to: "measure.yaml")
        let outcome = try run("evaluate pfgmpp --config measure.yaml --json", in: folder)
        expectSuccess(outcome)
        #expect((try results(json(outcome.bytes))[0]["measures"] as? [Any])?.count == 1)
        try folder.write("cuont: 60\n", to: "wrong.yaml")
        expectFailure(try run("evaluate pfgmpp --config wrong.yaml", in: folder), 65, "wrong.yaml: line 1", "count")
    }
}
