import Foundation
import Testing

@testable import Formats

enum Support {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path

    static func fixture(_ name: String) -> String { "\(folder)/Fixtures/\(name)" }

    static func view(_ name: String) throws -> ByteView { try MappedFile(path: fixture(name)).view }

    /// The folder of real files: `GENERA_SHARED`, else `../shared` beside the repository; nil when it is absent.
    static let shared: String? = {
        let repository = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let path =
            ProcessInfo.processInfo.environment["GENERA_SHARED"] ?? repository.appendingPathComponent("../shared").path
        let exists = FileManager.default.fileExists(atPath: path)
        if !exists { print("SKIPPED: tests on real files need the folder \(path); set GENERA_SHARED") }
        return exists ? path : nil
    }()

    static func withTemporaryFolder(_ body: (String) throws -> Void) throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("formats-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(path)
    }

    /// A gzip file whose content is stored, not compressed.
    static func gzip(_ bytes: [UInt8]) -> [UInt8] {
        let count = UInt16(bytes.count)
        return [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255, 1] + little(count) + little(~count) + bytes
            + little(Deflate.checksum(ByteView(bytes))) + little(UInt32(count))
    }

    /// The message of the error that `body` throws, or "" when it throws none.
    static func message<Result>(_ body: () throws -> Result) -> String {
        do {
            _ = try body()
            return ""
        } catch let error as FormatError {
            return error.description
        } catch let error as FileError {
            return error.description
        } catch {
            return "not a FormatError: \(error)"
        }
    }

    static func expectMessage<Result>(
        _ text: String, _ location: SourceLocation = #_sourceLocation, _ body: () throws -> Result
    ) {
        let message = message(body)
        #expect(message.contains(text), "the message is: \(message)", sourceLocation: location)
    }

    /// Every cut of `bytes` must be refused by `read`, or read without harm when `allowsSuccess`.
    static func expectCutsRefused<Result>(
        _ bytes: [UInt8], allowsSuccess: Bool = false, _ location: SourceLocation = #_sourceLocation,
        _ read: (ByteView) throws -> Result
    ) {
        for count in 0..<bytes.count {
            let message = message { try read(ByteView(bytes[..<count])) }
            #expect(allowsSuccess || !message.isEmpty, "a cut at \(count) was accepted", sourceLocation: location)
            #expect(!message.hasPrefix("not a FormatError"), "\(message)", sourceLocation: location)
        }
    }
}

/// Writes pickles by hand, to say things that no well-meaning writer says.
struct PickleBytes {
    var bytes: [UInt8] = [0x80, 4]

    static func text(_ text: String) -> [UInt8] { [0x8C, UInt8(text.utf8.count)] + Array(text.utf8) }

    static func int(_ value: Int32) -> [UInt8] { [UInt8(ascii: "J")] + little(value) }

    static func long(_ value: Int64) -> [UInt8] { [0x8A, 8] + little(value) }

    static func global(_ module: String, _ name: String) -> [UInt8] { Array("c\(module)\n\(name)\n".utf8) }

    static func tuple(_ items: [[UInt8]]) -> [UInt8] {
        [UInt8(ascii: "(")] + items.flatMap { $0 } + [UInt8(ascii: "t")]
    }

    /// `_rebuild_tensor_v2` over a float storage.
    static func tensor(key: String = "0", count: Int64, offset: Int64, shape: [Int64], strides: [Int64]) -> [UInt8] {
        let id =
            tuple([text("storage"), global("torch", "FloatStorage"), text(key), text("cpu"), long(count)]) + [
                UInt8(ascii: "Q")
            ]
        return global("torch._utils", "_rebuild_tensor_v2")
            + tuple([id, long(offset), tuple(shape.map(long)), tuple(strides.map(long)), [0x89], [UInt8(ascii: "N")]])
            + [UInt8(ascii: "R")]
    }

    static func document(_ body: [UInt8]) -> [UInt8] { [0x80, 4] + body + [UInt8(ascii: ".")] }
}
