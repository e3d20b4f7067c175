import Foundation
import Platform
import Testing

@Suite struct FileSystemTests {
    @Test("Names are taken apart")
    func names() {
        let parents = ["a/b": "a", "a": ".", "/a": "/", "/": "/", "a/b/": "a", "a/": "."]
        for (path, parent) in parents { #expect(FileSystem.parent(of: path) == parent, "\(path)") }
        #expect(FileSystem.name(of: "a/b.PNG") == "b.PNG" && FileSystem.name(of: "a/b/") == "b")
        let endings = ["a/b.PNG": "png", ".hidden": "", "a.b/c": "", "a.tar.gz": "gz", "a.": ""]
        for (path, ending) in endings { #expect(FileSystem.fileExtension(of: path) == ending, "\(path)") }
    }

    @Test("A mapping outlives its value while a view of it is held, and nothing is read beyond its end")
    func mapping() throws {
        let folder = try Scratch()
        try AtomicFile.write("hello world", to: folder.file("f"))
        var file: MappedFile? = try MappedFile(path: folder.file("f"))
        #expect(fileError { try file!.withBytes(from: .max, count: .max) { _ in } } != nil)
        let part = try #require(file!.view.slice(from: 6, count: 5))
        file = nil
        #expect(part.text() == "world")
        #expect(part.slice(from: 5, count: 1) == nil && part.integer(at: 2, as: UInt32.self) == nil)
    }

    @Test("SHA-256 of bytes and files")
    func digest() throws {
        let folder = try Scratch()
        let wanted = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        try AtomicFile.write("abc", to: folder.file("f"))
        #expect(
            try FileDigest.sha256(file: folder.file("f")) == wanted && FileDigest.sha256(ByteView("abc".utf8)) == wanted
        )
    }

    @Test("Variables that are empty count as not set; folders follow them")
    func environment() {
        #expect(Environment.value("PATH") != nil && Environment.value("GENERA_NO_SUCH_VARIABLE") == nil)
        #expect(Environment.dataFolder { $0 == "HOME" ? "/h" : nil } == "/h/.local/share")
        #expect(Environment.dataFolder { $0 == "XDG_DATA_HOME" ? "/d" : "/h" } == "/d")
        #expect(Environment.cacheFolder { $0 == "HOME" ? "/h" : nil } == "/h/.cache")
        #expect(Environment.cacheFolder { _ in nil } == nil)
    }
}
