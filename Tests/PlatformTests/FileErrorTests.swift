import Foundation
import Platform
import Testing

/// Every way in which the system refuses a file, its kind, and the sentence.
@Suite struct FileErrorTests {
    let folder: Scratch

    init() throws { folder = try Scratch() }

    private func expect(
        _ kind: FailureKind, _ status: Int32, _ text: String, _ location: SourceLocation = #_sourceLocation,
        _ body: () throws -> Void
    ) {
        let error = fileError(body)
        #expect(
            error?.kind == kind && error?.exitCode == status, "\(String(describing: error))", sourceLocation: location)
        #expect(error?.description.contains(text) == true, "\(String(describing: error))", sourceLocation: location)
    }

    @Test("Reading: missing, empty, folders, devices, too large")
    func reading() throws {
        let missing = "cannot open: No such file or directory; check the path"
        expect(.noInput, 66, missing) { _ = try MappedFile(path: folder.file("none")) }
        expect(.noInput, 66, missing) { _ = try FileSystem.contents(of: folder.file("none")) }
        expect(.noInput, 66, missing) { _ = try FileDigest.sha256(file: folder.file("none")) }
        expect(.data, 65, "is a folder") { _ = try MappedFile(path: folder.path) }
        expect(.data, 65, "is a folder") { _ = try FileSystem.contents(of: folder.path) }
        try AtomicFile.write("", to: folder.file("empty"))
        expect(.data, 65, "is empty (0 bytes)") { _ = try MappedFile(path: folder.file("empty")) }
        expect(.data, 65, "is not a plain file") { _ = try MappedFile(path: "/dev/null") }
        try AtomicFile.write("12345", to: folder.file("five"))
        #expect(try FileSystem.contents(of: folder.file("five"), limit: 5).count == 5)
        expect(.data, 65, "limit of 4 bytes") { _ = try FileSystem.contents(of: folder.file("five"), limit: 4) }
        expect(.data, 65, "byte 3: 4 bytes were wanted, the file has 5 in all") {
            try MappedFile(path: folder.file("five")).withBytes(from: 3, count: 4) { _ in }
        }
        // A page of this process's memory that is not there.
        expect(.inputOutput, 74, "cannot read") { _ = try FileSystem.contents(of: "/proc/self/mem") }
    }

    @Test("Reading without the right to", .enabled(if: getuid() != 0, "the superuser may read anything"))
    func unreadable() throws {
        try AtomicFile.write("x", to: folder.file("locked"))
        try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: folder.file("locked"))
        expect(.noInput, 66, "check the permissions") { _ = try MappedFile(path: folder.file("locked")) }
        expect(.noInput, 66, "check the permissions") { _ = try FileSystem.contents(of: folder.file("locked")) }
    }

    @Test("Writing: no folder, a folder in the way, a file system that takes no files, a full disk")
    func writing() throws {
        expect(.cannotCreate, 73, "make the folder first") { try AtomicFile.write("x", to: folder.file("none/f")) }
        expect(.cannotCreate, 73, "it is a folder") { try AtomicFile.write("x", to: folder.path) }
        expect(.cannotCreate, 73, "cannot create") { try AtomicFile.write("x", to: "/proc/f") }
        expect(.inputOutput, 74, "/dev/full: cannot write: No space left on device; free some space") {
            try AtomicFile.write("x", to: "/dev/full")
        }
        expect(.inputOutput, 74, "/dev/full: cannot add a line: No space left on device; free some space") {
            try FileSystem.append(line: "x", to: "/dev/full")
        }
        expect(.cannotCreate, 73, "cannot open it to add a line") {
            try FileSystem.append(line: "x", to: folder.file("none/f"))
        }
        #expect(folder.names.isEmpty)
    }

    @Test("Lines are added")
    func lines() throws {
        for line in ["one", "two"] { try FileSystem.append(line: line, to: folder.file("log")) }
        #expect(try folder.text("log") == "one\ntwo\n")
    }

    @Test("Folders: made with those above, refused where a file stands or nothing can be")
    func folders() throws {
        try FileSystem.makeFolders(folder.file("a/b/c/"))
        try FileSystem.makeFolders(folder.file("a/b"))
        #expect(FileSystem.isFolder(folder.file("a/b/c")))
        try AtomicFile.write("", to: folder.file("file"))
        expect(.cannotCreate, 73, "is a file; a folder was expected") { try FileSystem.makeFolder(folder.file("file")) }
        expect(.cannotCreate, 73, "cannot make this folder: Not a directory") {
            try FileSystem.makeFolders(folder.file("file/a"))
        }
        expect(.cannotCreate, 73, "cannot make this folder: No such file") { try FileSystem.makeFolders("/proc/a/b") }
        expect(.inputOutput, 74, "cannot remove: No such file") { try FileSystem.remove(folder.file("none")) }
    }

    @Test("What could not be written is refused before the work")
    func requireWritable() throws {
        try AtomicFile.write("", to: folder.file("file"))
        expect(.cannotCreate, 73, "--force") { try FileSystem.requireWritable(folder.file("file"), force: false) }
        try FileSystem.requireWritable(folder.file("file"), force: true)
        try FileSystem.requireWritable("/dev/null", force: false)
        expect(.cannotCreate, 73, "is a folder") { try FileSystem.requireWritable(folder.path, force: true) }
        expect(.cannotCreate, 73, "there is no folder") {
            try FileSystem.requireWritable(folder.file("none/f"), force: true)
        }
        // The superuser may write everywhere, as far as the system can tell before he tries.
        guard getuid() != 0 else { return }
        expect(.cannotCreate, 73, "cannot write into /proc") { try FileSystem.requireWritable("/proc/f", force: true) }
    }

    @Test("Programs that cannot be started")
    func children() throws {
        expect(.unavailable, 69, "cannot be started: No such file") { _ = try ChildProcess.run("/nonexistent", []) }
        let child = try ChildProcess.run("/bin/sh", ["-c", "echo told; exit 3"])
        #expect(child.output == "told\n" && child.status == 3 && child.signal == 0)
    }

    @Test("Every kind has a status of its own, and an error without a kind is a fault of the program")
    func kinds() {
        let statuses: [FailureKind: Int32] = [
            .usage: 64, .data: 65, .noInput: 66, .unavailable: 69, .software: 70, .cannotCreate: 73,
            .inputOutput: 74, .notPermitted: 77, .interrupted: 130,
        ]
        #expect(statuses.count == FailureKind.allCases.count)
        for (kind, status) in statuses {
            let failure = Failure(FileError(file: "f", reason: "reason", advice: "advice", kind: kind))
            #expect(failure == Failure(message: "f: reason; advice", exitCode: status))
        }
        struct Stranger: Error {}
        #expect(Failure(Stranger()).exitCode == 70)
    }
}
