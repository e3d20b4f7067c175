import Foundation
import Genera
import Testing

@Suite struct SamplingTests {
    let folder: Scratch

    init() throws { folder = try TinyRun.folderWithModel() }

    private let few = "sample pfgmpp --checkpoint tiny --steps 3"

    private func image(_ name: String) throws -> Image { try PNG.read(folder.file(name)) }

    @Test("Points of a closed form are drawn without a checkpoint")
    func points() throws {
        let outcome = try run("sample pfgmpp --model analytic-points --count 64 --out points.png", in: folder)
        expectSuccess(outcome)
        #expect(outcome.output == "points.png\n")
        #expect(try image("points.png").width > 100)
    }

    @Test("Points: twenty thousand fit in one picture, and they are kept as arrays and tables and as nothing else")
    func manyPoints() throws {
        let points = "sample pfgmpp --model analytic-points --steps 2 --count"
        expectSuccess(try run("\(points) 20000 --out many.png", in: folder))
        expectSuccess(try run("\(points) 20 --out some.npy", in: folder))
        expectSuccess(try run("\(points) 2 --out both/", in: folder))
        #expect(folder.names("both") == ["000000.png", "000001.png", "samples.npy", "samples.npy.json"])
        expectSuccess(try run("\(points) 20 --out some.csv", in: folder))
        #expect(try folder.text("some.csv").split(separator: "\n").count == 21)
        expectFailure(
            try run("\(points) 20 --out some.xls", in: folder), 64,
            "kept as .npy, .npz, .csv, .tsv or .png, not as '.xls'")
    }

    @Test("Pictures: no more than a hundred by a hundred in a grid, and no file of data")
    func pictureForms() throws {
        expectFailure(try run("\(few) --count 20000 --out x.png", in: folder), 64, "at most 10,000")
        expectFailure(try run("\(few) --count 2 --out x.npy", in: folder), 64, "are pictures", "not in '.npy'")
    }

    @Test("A sample is the same in every batch, on every thread, in every company")
    func addressed() throws {
        expectSuccess(try run("\(few) --count 6 --seed 3 --workers 1 --batch 1 --out a.png", in: folder))
        expectSuccess(try run("\(few) --count 6 --seed 3 --workers 2 --batch 64 --out b.png", in: folder))
        #expect(try image("a.png") == image("b.png"))
        expectSuccess(try run("\(few) --indices 0-5 --seed 3 --out all/", in: folder))
        expectSuccess(try run("\(few) --indices 4 --seed 3 --out four.png", in: folder))
        #expect(try image("all/000004.png") == image("four.png"))
        expectSuccess(try run("\(few) --indices 4 --seed 4 --out other.png", in: folder))
        #expect(try image("other.png") != image("four.png"))
    }

    @Test("Shards draw every sample once")
    func shards() throws {
        for shard in 0..<3 { expectSuccess(try run("\(few) --count 7 --shard \(shard)/3 --out parts/", in: folder)) }
        expectSuccess(try run("\(few) --count 7 --out whole/", in: folder))
        #expect(folder.names("parts") == folder.names("whole"))
        for name in folder.names("whole") { #expect(try image("parts/\(name)") == image("whole/\(name)")) }
    }

    @Test("A folder holds a picture of each sample, named by its index")
    func folderOfPictures() throws {
        let outcome = try run("\(few) --indices 5,17-18 --out drawn/", in: folder)
        expectSuccess(outcome)
        #expect(folder.names("drawn") == ["000005.png", "000017.png", "000018.png"])
        #expect(try image("drawn/000005.png").width == 8)
        #expect(outcome.output == "drawn\n")
    }

    @Test("Columns and scale lay out the picture")
    func layout() throws {
        expectSuccess(try run("\(few) --count 6 --columns 3 --scale 2 --out grid.png", in: folder))
        let image = try image("grid.png")
        #expect(image.width == 3 * 18 + 2 && image.height == 2 * 18 + 2)
    }

    @Test("The recipe in the picture is the command that made it")
    func recipe() throws {
        expectSuccess(try run("\(few) --count 3 --seed 9 --label 2 --out a.png", in: folder))
        let recipe = try Recipe(png: folder.file("a.png"))
        #expect(recipe.family == "pfgmpp" && recipe.seed == 9 && recipe.indices == "0-2" && recipe.checkpoint == "tiny")
        #expect(recipe.options["label"] == ["2"] && recipe.options["solver"] == ["heun"])
        let text = try PNG.text(of: folder.file("a.png")).first { $0.keyword == "Description" }
        let words = try #require(text).value.split(separator: " ").dropFirst().map(String.init)
        #expect(words.suffix(2) == ["--out", "a.png"])
        let again = try Program.run(words.dropLast() + ["b.png"], in: folder)
        expectSuccess(again)
        #expect(try image("a.png") == image("b.png"))
    }

    @Test("Standard output takes the picture")
    func standardOutput() throws {
        let outcome = try run("\(few) --count 2 --out -", in: folder)
        expectSuccess(outcome)
        #expect(try PNG.decode(outcome.bytes).image.width > 8)
    }

    @Test("A trajectory is an animated PNG")
    func trajectory() throws {
        expectSuccess(try run("\(few) --count 2 --out a.png --trajectory way.png", in: folder))
        #expect(try APNG.read(folder.file("way.png")).frames.count == 4)
    }

    @Test("Data that is no picture has its recipe beside it")
    func data() throws {
        expectSuccess(try run("sample pfgmpp --model analytic-gmm --count 10 --out points.npy", in: folder))
        #expect(try NPY.read(path: folder.file("points.npy")).shape == [10, 2])
        let recipe = try Recipe(json: folder.text("points.npy.json"), file: "points.npy.json")
        #expect(recipe.options["model"] == ["analytic-gmm"])
    }

    @Test("Results are JSON when asked for")
    func json() throws {
        let outcome = try run("\(few) --count 2 --out a.png --json", in: folder)
        expectSuccess(outcome)
        let value = try #require(JSONSerialization.jsonObject(with: Data(outcome.bytes)) as? [String: Any])
        #expect(value["files"] as? [String] == ["a.png"] && value["nfe"] as? Int == 5)
    }

    @Test("A dry run checks all and writes nothing")
    func dryRun() throws {
        let outcome = try run("\(few) --count 2 --out a.png --dry-run", in: folder)
        expectSuccess(outcome)
        #expect(outcome.output.contains("NFE") && !folder.has("a.png"))
        expectFailure(try run("\(few) --label 9 --out a.png --dry-run", in: folder), 64, "--label must be from 0 to 3")
    }

    @Test("Quiet says nothing")
    func quiet() throws {
        let outcome = try run("\(few) --count 1 --out a.png --quiet", in: folder)
        expectSuccess(outcome)
        #expect(outcome.output.isEmpty && outcome.error.isEmpty)
    }

    @Test("What is there is replaced only by force")
    func force() throws {
        try folder.write("precious", to: "a.png")
        expectFailure(try run("\(few) --count 1 --out a.png", in: folder), 73, "a.png: exists already", "--force")
        #expect(try folder.text("a.png") == "precious")
        expectSuccess(try run("\(few) --count 1 --out a.png --force", in: folder))
        #expect(try image("a.png").width == 8)
        expectFailure(try run("\(few) --count 1 --out a.png/b.png", in: folder), 73, "a.png")
        expectFailure(try run("\(few) --count 1 --out missing/b.png", in: folder), 73, "there is no folder missing")
        expectFailure(try run("\(few) --count 1 --out /proc/b.png", in: folder), 73, "/proc")
    }

    @Test("A full disk is told, and leaves nothing")
    func fullDisk() throws {
        try FileManager.default.createSymbolicLink(atPath: folder.file("full.png"), withDestinationPath: "/dev/full")
        expectFailure(try run("\(few) --count 1 --out full.png", in: folder), 74, "full.png", "No space left")
        #expect(folder.names() == ["full.png", "tiny.safetensors"])
    }

    @Test("Options come from a file, and the command line wins")
    func configuration() throws {
        try folder.write("checkpoint: tiny\nsteps: 3\ncount: 2\nseed: 5\n", to: "draw.yaml")
        expectSuccess(try run("sample pfgmpp --config draw.yaml --seed 6 --out a.png", in: folder))
        let recipe = try Recipe(png: folder.file("a.png"))
        #expect(recipe.seed == 6 && recipe.indices == "0-1" && recipe.options["steps"] == ["3"])
    }

    private func start(_ words: String) throws -> Running {
        try Program.start(words.split(separator: " ").map(String.init), in: folder)
    }

    @Test("Ctrl-C before any sample is finished ends with status 130 and leaves nothing half written")
    func interrupt() throws {
        let running = try start("sample pfgmpp --checkpoint tiny --steps 100000 --count 4 --out a.png --workers 1 -v")
        #expect(running.wait(seconds: 30) { FileManager.default.contents(atPath: running.error)?.isEmpty == false })
        usleep(300_000)
        running.process.interrupt()
        expectFailure(running.outcome(), 130, "0 of 4 samples were finished; nothing was written")
        #expect(folder.names() == ["tiny.safetensors"])
    }

    @Test("Ctrl-C keeps the pictures of a folder, and says how to draw the rest")
    func interruptedFolder() throws {
        let running = try start("\(few) --count 4000 --seed 3 --workers 1 --batch 1 --out drawn/")
        #expect(running.wait(seconds: 30) { folder.names("drawn").count > 2 })
        running.process.interrupt()
        let outcome = running.outcome()
        let done = folder.names("drawn").filter { $0.hasSuffix(".png") }.count
        #expect(done > 2 && done < 4000)
        expectFailure(outcome, 130, "when \(done) of 4000 samples were finished; they are in drawn. The rest: genera")
        #expect(folder.names("drawn") == (0..<done).map { OutputName.of($0) })
        let rest = try #require(outcome.complaint.components(separatedBy: "The rest: genera ").last)
        #expect(rest.contains("--indices \(done)-3999") && rest.hasSuffix("--out drawn/"))
        let next = rest.replacingOccurrences(of: "\(done)-3999", with: "\(done)")
        expectSuccess(try run(next, in: folder))
        expectSuccess(try run("\(few) --indices \(done - 1)-\(done) --seed 3 --out whole/", in: folder))
        for index in done - 1...done {
            #expect(try image("drawn/\(OutputName.of(index))") == image("whole/\(OutputName.of(index))"))
        }
    }

    @Test("Ctrl-C keeps the finished samples of one picture, whose recipe names just them")
    func interruptedPicture() throws {
        let running = try start("\(few) --count 10000 --workers 1 --batch 1 --out a.png -v")
        #expect(running.wait(seconds: 30) { FileManager.default.contents(atPath: running.error)?.isEmpty == false })
        usleep(1_500_000)
        running.process.interrupt()
        let outcome = running.outcome()
        let recipe = try Recipe(png: folder.file("a.png"))
        let done = try IndexList.parse(recipe.indices)
        #expect(done == Array(0..<done.count) && done.count < 10_000)
        expectFailure(outcome, 130, "when \(done.count) of 10000", "they are in a.png", "--out a-rest.png")
        expectSuccess(try run("\(few) --count \(done.count) --out b.png", in: folder))
        #expect(try image("a.png") == image("b.png"))
    }

    @Test("Points of a shard have a file of data of their own")
    func shardsOfData() throws {
        let points = "sample pfgmpp --model analytic-points --steps 2 --count 5 --out both/"
        for shard in 0..<2 { expectSuccess(try run("\(points) --shard \(shard)/2", in: folder)) }
        let data = folder.names("both").filter { $0.hasSuffix(".npy") }
        #expect(data == ["samples-0-4.npy", "samples-1-3.npy"])
        let third = try run("\(points) --indices 1,3", in: folder)
        expectFailure(third, 73, "000001.png: exists already")
    }
}

/// Names of pictures in a folder.
private enum OutputName {
    static func of(_ index: Int) -> String { String(repeating: "0", count: 6 - "\(index)".count) + "\(index).png" }
}
