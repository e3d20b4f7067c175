import CEngine
import Foundation
import Tensors
import Testing

/// Loads libraries that are not what they should be. They are compiled here; without a compiler the tests are skipped.
@Suite(.enabled(if: Compiler.path != nil)) struct EngineLoadingTests {
    private let compiler = Compiler()

    private func failure(_ path: String) -> Engine.LoadError? {
        if case let .failure(error) = Engine.load(from: [path]) { return error }
        return nil
    }

    @Test("No engine: all places are named, and the command that builds one")
    func none() {
        let error = Engine.load(from: ["/nowhere/a.so", "/nowhere/b.so"])
        guard case let .failure(.notFound(places)) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(places == ["/nowhere/a.so", "/nowhere/b.so"])
        let text = Engine.LoadError.notFound(places).description
        #expect(text.contains("/nowhere/a.so, /nowhere/b.so") && text.contains("make engine"))
    }

    @Test("A file that is no library cannot be opened, and the system's reason is given")
    func notALibrary() throws {
        let library = try compiler.write("not a library")
        guard case let .cannotOpen(path, reason) = failure(library) else {
            Issue.record("another outcome")
            return
        }
        #expect(path == library && !reason.isEmpty)
    }

    @Test("A library without the entry is no engine")
    func otherLibrary() throws {
        let library = try compiler.build("int something_else(void) { return 1; }")
        guard case let .notAnEngine(_, reason) = failure(library) else {
            Issue.record("another outcome")
            return
        }
        #expect(reason.contains("genera_engine_entry"))
    }

    @Test("An engine of another interface says both numbers")
    func otherVersion() throws {
        let library = try compiler.build(
            "static const unsigned table[64] = {99, sizeof table}; const void *genera_engine_entry(unsigned abi) { return table; }"
        )
        guard case let .wrongVersion(_, reason) = failure(library) else {
            Issue.record("another outcome")
            return
        }
        #expect(reason.contains("99") && reason.contains("\(GE_ABI)"))
    }

    @Test("An engine that refuses our interface is one of another version")
    func refusing() throws {
        let library = try compiler.build("const void *genera_engine_entry(unsigned abi) { return 0; }")
        guard case .wrongVersion = failure(library) else {
            Issue.record("another outcome")
            return
        }
    }

    @Test("A table that is too short, or lacks a function, is incomplete")
    func incomplete() throws {
        let head = "static const struct { unsigned abi, size; void *f[256]; } table = {\(GE_ABI), "
        let tail = "}; const void *genera_engine_entry(unsigned abi) { return &table; }"
        guard case let .incomplete(_, short) = failure(try compiler.build(head + "16" + tail)) else {
            Issue.record("another outcome")
            return
        }
        #expect(short.contains("16 bytes"))
        guard case let .incomplete(_, hole) = failure(try compiler.build(head + "sizeof table, {(void *)1, 0}" + tail))
        else {
            Issue.record("another outcome")
            return
        }
        #expect(hole.contains("function 1 "))
    }

    @Test("The messages of all failures differ and name the file")
    func messages() {
        let errors: [Engine.LoadError] = [
            .notFound(["x"]), .cannotOpen("x", "r"), .notAnEngine("x", "r"), .wrongVersion("x", "r"),
            .incomplete("x", "r"),
        ]
        #expect(Set(errors.map(\.description)).count == 5 && errors.allSatisfy { $0.description.contains("x") })
    }

    @Test("The engine of this process can be loaded by its path")
    func good() throws {
        #expect(failure(try Engine.information().path) == nil)
    }
}

/// The C compiler, for libraries to load, and the folder that they are in as long as it lives.
final class Compiler {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("genera-\(UUID().uuidString)")

    static let path = ["/usr/bin/gcc", "/usr/bin/clang", "/usr/bin/cc"].first(
        where: FileManager.default.isExecutableFile)

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// A file in a folder of its own.
    func write(_ text: String, to name: String = "lib.so") throws -> String {
        let own = folder.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: own, withIntermediateDirectories: true)
        let file = own.appendingPathComponent(name)
        try Data(text.utf8).write(to: file)
        return file.path
    }

    /// A shared library of some C.
    func build(_ source: String) throws -> String {
        let file = try write(source, to: "lib.c")
        let library = file.replacingOccurrences(of: "lib.c", with: "lib.so")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.path ?? "")
        process.arguments = ["-shared", "-fPIC", "-w", "-o", library, file]
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return library
    }
}
