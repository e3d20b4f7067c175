import Platform
import Testing

/// The kinds of files, told by their content.
@Suite struct FileKindTests {
    @Test(
        "Marks of files are known",
        arguments: [
            ([], .empty), (Array("version https://git-lfs.github.com/spec/v1\noid".utf8), .lfsPointer),
            ([0x89, 0x50, 0x4E, 0x47, 13, 10, 26, 10], .png), ([0xFF, 0xD8, 0xFF, 0xE0], .jpeg),
            (Array("RIFF\0\0\0\0WEBPVP8 ".utf8), .webP), (Array("GIF89a".utf8), .gif), (Array("II*\0".utf8), .tiff),
            (Array("\0\0\0\u{18}ftypavif".utf8), .avif), (Array("\0\0\0\u{18}ftypisom".utf8), .video),
            ([0x93] + Array("NUMPY\u{1}\0".utf8), .npy), ([0x80, 4, 0x95], .pickle), ([0x1F, 0x8B, 8], .gzip),
            ([0x89, 0x48, 0x44, 0x46, 13, 10, 26, 10], .hdf5), ([0, 0, 8, 3, 0, 0, 0, 1], .idx),
            (Array("ply\nformat ascii 1.0\n".utf8), .ply), (Array("NGSP".utf8), .spz), (Array("glTF".utf8), .glb),
            ([12, 0, 0, 0, 0, 0, 0, 0] + Array("  {\"a\": 1}".utf8), .safetensors),
            ([0x28, 0xB5, 0x2F, 0xFD], .zstandard), ([UInt8](repeating: 0, count: 600), .zeros),
            ([UInt8](repeating: 0, count: 257) + Array("ustar".utf8), .tar), ([1, 2, 3], .other),
        ] as [([UInt8], FileKind)])
    func marks(bytes: [UInt8], kind: FileKind) { #expect(FileKind(ByteView(bytes)) == kind) }

    @Test(
        "Kinds of text are told apart",
        arguments: [
            ("<!DOCTYPE html><p>", .webPage), ("\u{FEFF}\n  <HTML>", .webPage), ("<!-- x --><html>", .webPage),
            ("<?xml version=\"1.0\"?><Error/>", .xml), ("<?xml version=\"1.0\"?><svg/>", .svg), ("<svg>", .svg),
            ("{\"error\": 404}", .json), ("[1, 2]", .text), ("Entry not found", .text), ("x,y\n1,2\n", .text),
            (String(repeating: "é", count: 400), .text), (String(repeating: "aé", count: 400), .text),
            ("a\u{1}b", .other),
        ] as [(String, FileKind)])
    func texts(text: String, kind: FileKind) { #expect(FileKind(ByteView(text.utf8)) == kind) }

    @Test("An archive that lacks its end is one that is cut short")
    func archives() {
        let end: [UInt8] = [0x50, 0x4B, 5, 6] + [UInt8](repeating: 0, count: 18)
        #expect(FileKind(ByteView(end)) == .zip && FileKind(ByteView([0x50, 0x4B, 3, 4] + end + [1, 2, 3])) == .zip)
        #expect(FileKind(ByteView([0x50, 0x4B, 3, 4, 20, 0])) == .cutZip)
    }

    @Test("What nobody means to have is told in one sentence; of other files it is said what was wanted")
    func sentences() {
        let page = FileKind.webPage.refusal(wanted: "an NPY file")
        #expect(page.reason == "this is a web page" && page.advice == "check the address it was downloaded from")
        let pointer = FileKind.lfsPointer.refusal(wanted: "an NPY file")
        #expect(pointer.reason == "this is a pointer of Git LFS, not the file itself")
        #expect(pointer.advice == "run `git lfs pull` in its repository")
        #expect(FileKind.png.refusal(wanted: "an NPY file").reason == "this is a PNG picture, not an NPY file")
    }

    @Test("A pointer of Git LFS is not mapped, and a text that mentions one is")
    func pointers() throws {
        let folder = try Scratch()
        let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n"
        try AtomicFile.write(Array(pointer.utf8), to: folder.file("a.bin"))
        #expect(throws: FileError.self) { try MappedFile(path: folder.file("a.bin")) }
        do { _ = try MappedFile(path: folder.file("a.bin")) } catch {
            #expect(
                "\(error)".hasSuffix(
                    "a.bin: this is a pointer of Git LFS, not the file itself; run `git lfs pull` in its repository"))
            #expect(Failure(error).exitCode == 65)
        }
        try AtomicFile.write(Array(("A file " + pointer).utf8), to: folder.file("b.txt"))
        #expect(try MappedFile(path: folder.file("b.txt")).count > 50)
    }
}
