import Foundation
import Testing

/// Machines without an engine, or with a wrong one.
@Suite struct EngineTests {
    let folder: Scratch

    init() throws { folder = try TinyRun.folderWithModel() }

    /// Compiles a library; nil, with a word, where there is no compiler.
    private func library(_ source: String) throws -> String? {
        try folder.write(source, to: "engine.c")
        let compiler = ["/usr/bin/cc", "/usr/bin/gcc", "/usr/bin/clang"].first {
            FileManager.default.isExecutableFile(atPath: $0)
        }
        guard let compiler else {
            print("SKIPPED: no C compiler, so no wrong engine can be made.")
            return nil
        }
        let process = try Process.run(
            URL(filePath: compiler),
            arguments: ["-shared", "-fPIC", "-o", folder.file("engine.so"), folder.file("engine.c")])
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return folder.file("engine.so")
    }

    @Test(
        "Without an engine, drawing says what to do",
        arguments: [
            "sample pfgmpp --model analytic-points", "train pfgmpp --data x", "sample pfgmpp --checkpoint tiny",
        ])
    func none(words: String) throws {
        let outcome = try run(words, in: folder, environment: ["GENERA_ENGINE": "/nonexistent.so"])
        expectFailure(outcome, 69, "No LibTorch engine was found", "/nonexistent.so", "make engine")
    }

    @Test("An engine of another version is told")
    func otherVersion() throws {
        let source =
            "struct { unsigned abi, size; } api = {999, 8}; void *genera_engine_entry(unsigned abi) { return abi ? 0 : &api; }"
        guard let path = try library(source) else { return }
        let outcome = try run("sample pfgmpp --model analytic-points", in: folder, environment: ["GENERA_ENGINE": path])
        expectFailure(outcome, 69, "another version of Genera", "999")
    }

    @Test("A library that is no engine is told")
    func notAnEngine() throws {
        guard let path = try library("int nothing;") else { return }
        expectFailure(
            try run("sample pfgmpp --model analytic-points", in: folder, environment: ["GENERA_ENGINE": path]), 69,
            "no engine of Genera")
        try folder.write("text", to: "text.so")
        let text = ["GENERA_ENGINE": folder.file("text.so")]
        expectFailure(try run("sample pfgmpp --model analytic-points", in: folder, environment: text), 69, "text.so")
    }

    @Test("An engine that does not fit into the memory allowed is no engine to build anew")
    func littleMemory() throws {
        // A library of a gigabyte of zeros, which takes addresses and no memory.
        guard let path = try library("char zeros[1 << 30];") else { return }
        let outcome = try runInShell(
            "sample pfgmpp --model analytic-points", before: "ulimit -v 900000; export GENERA_ENGINE='\(path)'",
            in: folder)
        expectFailure(outcome, 69, "does not fit into the memory that this process may have", "ulimit -v")
        #expect(!outcome.complaint.contains("make engine"))
    }

    @Test("The doctor tells what is here, and what is missing")
    func doctor() throws {
        let good = try run("doctor", in: folder)
        expectSuccess(good)
        for word in ["LibTorch", "libpng", "Cairo", "pfgmpp", "tiny"] { #expect(good.output.contains(word), "\(good)") }
        let bad = try run("doctor --json", in: folder, environment: ["GENERA_ENGINE": "/nonexistent.so"])
        #expect(bad.status == 69)
        let value = try #require(JSONSerialization.jsonObject(with: Data(bad.bytes)) as? [String: Any])
        #expect(value["usable"] as? Bool == false && bad.output.contains("make engine"))
    }
}
