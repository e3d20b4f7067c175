import Genera
import Testing

@Suite struct ReproduceTests {
    let folder: Scratch

    init() throws { folder = try TinyRun.folderWithModel() }

    @Test(
        "Pictures are made again to the last pixel",
        arguments: [
            ("--checkpoint tiny --steps 3 --count 5 --seed 2 --out a.png", "a.png"),
            ("--checkpoint tiny --steps 3 --count 4 --columns 2 --scale 3 --out a.png", "a.png"),
            ("--checkpoint tiny --steps 3 --indices 7 --out a.png", "a.png"),
            ("--checkpoint tiny --steps 3 --indices 7,9 --out a/", "a/000009.png"),
            ("--checkpoint tiny --steps 4 --count 2 --out a.png --trajectory b.png --preview-every 2", "b.png"),
            ("--checkpoint tiny --steps 3 --label 1 --solver euler --count 2 --shard 1/2 --out a.png", "a.png"),
            ("--model analytic-points --count 32 --D 128 --out a.png", "a.png"),
        ])
    func agrees(words: String, file: String) throws {
        expectSuccess(try run("sample pfgmpp \(words)", in: folder))
        let outcome = try run("reproduce \(file)", in: folder)
        expectSuccess(outcome)
        #expect(outcome.output.hasPrefix("All ") && outcome.output.hasSuffix(" pixels agree.\n"), "\(outcome)")
    }

    @Test("A changed pixel is found")
    func differs() throws {
        expectSuccess(try run("sample pfgmpp --checkpoint tiny --steps 3 --count 1 --out a.png", in: folder))
        var image = try PNG.read(folder.file("a.png"))
        image[3, 4, 0] = image[3, 4, 0] ^ 16
        try PNG.write(image, to: folder.file("a.png"), text: PNG.text(of: folder.file("a.png")))
        let outcome = try run("reproduce a.png", in: folder)
        #expect(outcome.status == 1)
        #expect(outcome.output == "1 of 64 pixels differ; the largest difference is 16 of 255.\n")
        let json = try run("reproduce a.png --json", in: folder)
        #expect(json.status == 1 && json.output.contains("\"agree\": false"))
    }

    @Test("A picture without a recipe, or none at all, is told")
    func noRecipe() throws {
        try PNG.write(Image(width: 4, height: 4, channels: 1), to: folder.file("plain.png"))
        expectFailure(try run("reproduce plain.png", in: folder), 65, "plain.png", "no recipe")
        let broken = [PNG.Text(Recipe.textKey, "{\"genera\": 1}")]
        try PNG.write(Image(width: 4, height: 4, channels: 1), to: folder.file("broken.png"), text: broken)
        expectFailure(try run("reproduce broken.png", in: folder), 65, "broken.png", "recipe")
        try folder.write("not a picture", to: "text.png")
        expectFailure(try run("reproduce text.png", in: folder), 65, "text.png")
        expectFailure(try run("reproduce missing.png", in: folder), 66, "missing.png")
    }

    @Test("The checkpoint is found by its digest, and another one is told")
    func checkpoint() throws {
        expectSuccess(try run("sample pfgmpp --checkpoint tiny --steps 3 --count 1 --out a.png", in: folder))
        try folder.write(folder.bytes("tiny.safetensors"), to: "renamed.safetensors")
        try TinyRun.rewrite(in: folder, as: "tiny.safetensors") { _, metadata in metadata["note"] = "another file" }
        expectSuccess(try run("reproduce a.png", in: folder))
        let elsewhere = ["GENERA_MODELS": "/nonexistent"]
        expectFailure(try run("reproduce a.png", in: folder, environment: elsewhere), 66, "SHA-256", "--checkpoint")
        expectSuccess(try run("reproduce a.png --checkpoint ./renamed.safetensors", in: folder, environment: elsewhere))
        let other = try run("reproduce a.png --checkpoint ./tiny.safetensors", in: folder, environment: elsewhere)
        #expect(other.error.contains("is not the file the picture was made with"))
    }
}
