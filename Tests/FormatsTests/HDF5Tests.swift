import Foundation
import Testing

@testable import Formats

@Suite("HDF5 files")
struct HDF5Tests {
    private static func odd() throws -> HDF5File { try HDF5File(path: Support.fixture("odd.h5")) }

    @Test("Numbers of any width and byte order, truth values and texts")
    func elements() throws {
        let file = try Self.odd()
        #expect(try file.doubles("big-endian") == [0, 1, 2, 3, 4, 5])
        #expect(try file.layout(of: "big-endian").shape == [3, 2])
        #expect(try file.doubles("big-endian", rows: 1..<2) == [2, 3])
        #expect(try file.doubles("half") == [0, 1, 2, 3])
        #expect(try file.integers("truth") == [1, 0, 1])
        #expect(try file.layout(of: "truth").elements == .named)
        // What does not fit is the nearest that does.
        #expect(try file.integers("beyond") == [.max])
        #expect(try file.doubles("scalar") == [3.5])
        #expect(try file.texts("word") == ["hello"])
        #expect(try file.texts("texts") == ["a", "", "cää"])
        #expect(try file.texts("padded") == ["ab", "c"])
        #expect(try file.layout(of: "nothing").shape == [0] && file.doubles("nothing") == [])
        #expect(try file.doubles("complex", field: "i") == [2])
        #expect(try file.layout(of: "complex").fields.map(\.name) == ["r", "i"])
    }

    @Test("h5py's own compression, lzf, is expanded")
    func lzf() throws {
        let expected = (0..<50).flatMap { _ in (0..<8).map(Int64.init) }
        #expect(try Self.odd().integers("lzf") == expected)
        #expect(try Self.odd().integers("lzf", rows: 60..<70) == Array(expected[240..<280]))
    }

    @Test("Groups, kinds and attributes; the file's newest form too")
    func structure() throws {
        let file = try Self.odd()
        #expect(try file.kind(of: "loop") == .group)
        #expect(try file.kind(of: "loop/self/self/self/end") == .dataset)
        #expect(try file.names(in: "loop") == ["end", "self"])
        #expect(try file.kind(of: "nowhere") == nil && file.kind(of: "half/x") == nil)
        #expect(try file.attribute("shape", of: "bad") == .numbers([2, 3]))
        #expect(try file.attribute("encoding-type", of: "bad") == .texts(["csr_matrix"]))
        #expect(try file.attribute("none", of: "bad") == nil)
        #expect(try HDF5File(path: Support.fixture("latest.h5")).doubles("/a/b//c") == [0, 1, 2])
    }

    @Test(
        "What leads out of the file, or announces more than it holds, is refused",
        arguments: [
            ("soft", "'soft' is a soft link, which is not followed"),
            ("outside", "'outside' is a link to another file"), ("virtual", "made of parts of other files"),
            ("external", "its data are in another file"),
            ("huge", "its shape needs 8796093022208 bytes, the file holds 0"),
            ("complex", "a field of theirs must be named"), ("word", "it does not hold numbers"),
            ("loop", "it is not a data set"), ("nowhere", "it is not in the file"),
            ("a\u{0}b", "it is not in the file"),
        ])
    func refusals(place: String, message: String) throws {
        let file = try Self.odd()
        Support.expectMessage(message) { try file.doubles(place) }
        // The file is still open and answers.
        #expect(try file.doubles("scalar") == [3.5])
    }

    @Test("Rows that are not there are refused")
    func rows() throws {
        Support.expectMessage("rows 2 to 4 of its shape [3, 2]") { try Self.odd().doubles("big-endian", rows: 2..<4) }
    }

    @Test("A missing library, a missing file and a file of another kind are one sentence each")
    func opening() throws {
        let path = Support.fixture("odd.h5")
        Support.expectMessage("apt-get install libhdf5-103-1") {
            try HDF5File(path: path, library: "/nowhere/libhdf5.so")
        }
        Support.expectMessage("it has no H5open") { try HDF5File(path: path, library: "libz.so.1") }
        Support.expectMessage("No such file") { try HDF5File(path: "/nowhere/x.h5ad") }
        Support.expectMessage("HDF5 cannot open it") { try HDF5File(path: Support.fixture("idx.gz")) }
    }

    @Test("A file that makes the library fall is an error, and the next file is read")
    func damaged() throws {
        var bytes = try Support.view("odd.h5").array()
        // The heap of texts says that its first text is much longer than the heap.
        let heap = try #require(bytes.indices.first { bytes[$0...].starts(with: "GCOL".utf8) })
        bytes.replaceSubrange(heap + 24..<heap + 32, with: little(UInt64(1) << 40))
        try Support.withTemporaryFolder { folder in
            let path = "\(folder)/worse.h5"
            try AtomicFile.write(bytes, to: path)
            let file = try HDF5File(path: path)
            Support.expectMessage("\(path): word: HDF5's library fell over it") { try file.texts("word") }
            Support.expectMessage("fell over it") { try file.doubles("scalar") }
        }
        #expect(try Self.odd().texts("texts") == ["a", "", "cää"])
    }

    @Test("Files are read from several threads at once")
    func threads() async throws {
        let file = try Self.odd()
        try await withThrowingTaskGroup(of: [Int64].self) { group in
            for index in 0..<16 {
                group.addTask {
                    try (index % 2 == 0 ? file : Self.odd()).integers("lzf", rows: index..<index + 1)
                }
            }
            var rows: [[Int64]] = []
            for try await row in group { rows.append(row) }
            #expect(rows.count == 16 && rows.allSatisfy { $0.count == 4 })
        }
    }

    @Test("Nothing is left of a file's process once the file is closed")
    func processes() throws {
        // Tests beside this one open files too, but not hundreds.
        func processes() throws -> Int {
            let here = "\(ProcessInfo.processInfo.processIdentifier)"
            return try FileManager.default.contentsOfDirectory(atPath: "/proc").count { name in
                guard let line = try? String(contentsOfFile: "/proc/\(name)/stat", encoding: .utf8) else {
                    return false
                }
                return line.split(separator: ")").last?.split(separator: " ").dropFirst().first.map { $0 == here }
                    ?? false
            }
        }
        guard FileManager.default.fileExists(atPath: "/proc/self/stat") else { return }
        for _ in 0..<200 { _ = try Self.odd().doubles("scalar") }
        #expect(try processes() < 100)
        #expect(try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count < 150)
    }
}
