import Foundation
import Platform
import Testing

@Suite struct AtomicFileTests {
    let folder: Scratch

    init() throws { folder = try Scratch() }

    @Test("A failed write leaves the old file and no temporary one")
    func atomic() throws {
        let path = folder.file("f.txt")
        try AtomicFile.write("old", to: path)
        struct Stop: Error {}
        #expect(throws: Stop.self) {
            try AtomicFile.write(to: path) { sink in
                try sink.write([UInt8](repeating: 0, count: 3 << 20))
                throw Stop()
            }
        }
        #expect(try folder.text("f.txt") == "old")
        #expect(folder.names == ["f.txt"])
    }

    @Test("What is replaced keeps its rights")
    func rights() throws {
        let path = folder.file("f")
        try AtomicFile.write("old", to: path)
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
        try AtomicFile.write("new", to: path)
        #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o640)
        #expect(try folder.text("f") == "new")
    }

    @Test("Links stay, and the files they lead to are replaced: over two links, from another folder, not there yet")
    func links() throws {
        let files = FileManager.default
        try FileSystem.makeFolder(folder.file("far"))
        try AtomicFile.write("old", to: folder.file("far/target"))
        try files.createSymbolicLink(atPath: folder.file("far/second"), withDestinationPath: "target")
        try files.createSymbolicLink(atPath: folder.file("first"), withDestinationPath: "far/second")
        try files.createSymbolicLink(atPath: folder.file("dangling"), withDestinationPath: "far/fresh")
        try AtomicFile.write("new", to: folder.file("first"))
        try AtomicFile.write("fresh", to: folder.file("dangling"))
        #expect(try folder.text("far/target") == "new" && folder.text("far/fresh") == "fresh")
        #expect(try files.destinationOfSymbolicLink(atPath: folder.file("first")) == "far/second")
        #expect(try files.destinationOfSymbolicLink(atPath: folder.file("dangling")) == "far/fresh")
        #expect(folder.names == ["dangling", "far", "first"])
        #expect(FileSystem.names(in: folder.file("far")) == ["fresh", "second", "target"])
    }

    @Test("Links in a circle are told")
    func circle() throws {
        let files = FileManager.default
        try files.createSymbolicLink(atPath: folder.file("a"), withDestinationPath: "b")
        try files.createSymbolicLink(atPath: folder.file("b"), withDestinationPath: "a")
        let error = try #require(fileError { try AtomicFile.write("x", to: folder.file("a")) })
        #expect(error.kind == .cannotCreate && error.description.contains("Too many levels of symbolic links"))
    }

    @Test("A device is written, not replaced, also through a link")
    func devices() throws {
        try FileManager.default.createSymbolicLink(atPath: folder.file("null"), withDestinationPath: "/dev/null")
        try AtomicFile.write("x", to: folder.file("null"))
        #expect(FileSystem.isDevice(folder.file("null")) && FileSystem.isDevice("/dev/null"))
    }
}
