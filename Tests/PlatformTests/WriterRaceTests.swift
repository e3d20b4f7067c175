import Foundation
import Testing

@testable import Platform

/// Two that write the same file, and what one that was killed has left.
@Suite struct WriterRaceTests {
    private func folder() throws -> String {
        let path = NSTemporaryDirectory() + "genera-race-\(UInt64.random(in: 0...UInt64.max))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }

    @Test("A file that was to be new does not replace one that came in the meantime; with force it does")
    func race() throws {
        let path = try folder() + "/a.txt"
        try FileSystem.requireWritable(path, force: false)
        try "another's".write(toFile: path, atomically: true, encoding: .utf8)
        let error = #expect(throws: FileError.self) { try AtomicFile.write("mine", to: path) }
        #expect(error?.reason.contains("another process has written it in the meantime") == true)
        #expect(error?.kind == .cannotCreate && error?.advice == "use --force to replace it")
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "another's")
        try FileSystem.requireWritable(path, force: true)
        try AtomicFile.write("mine", to: path)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "mine")
        #expect(FileSystem.names(in: FileSystem.parent(of: path)) == ["a.txt"])
    }

    @Test("What this process has written it may write again")
    func again() throws {
        let path = try folder() + "/a.txt"
        try FileSystem.requireWritable(path, force: false)
        for text in ["one", "two"] { try AtomicFile.write(text, to: path) }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "two")
    }

    @Test("A temporary file that nobody holds is removed by the next writer, one that is held is not")
    func leftovers() throws {
        let folder = try folder()
        for name in [".a.txt.dead.tmp", ".a.txt.alive.tmp", ".b.txt.dead.tmp", ".a.txt.mine"] {
            try "half".write(toFile: "\(folder)/\(name)", atomically: false, encoding: .utf8)
        }
        let held = open("\(folder)/.a.txt.alive.tmp", O_RDONLY)
        defer { close(held) }
        #expect(flock(held, LOCK_EX | LOCK_NB) == 0)
        try AtomicFile.write("whole", to: "\(folder)/a.txt")
        #expect(
            FileSystem.names(in: folder).sorted() == [".a.txt.alive.tmp", ".a.txt.mine", ".b.txt.dead.tmp", "a.txt"])
    }
}
