import Foundation
import Genera
import GeneraTesting
import Testing

@testable import RADD

/// Numbers by chance, the same each time.
struct Chance {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
    mutating func real(_ bound: Float = 1) -> Float { (Float(next() >> 40) * 0x1p-23 - 1) * bound }
    mutating func tensor(_ shape: [Int], bound: Float = 0.5) -> RawTensor {
        RawTensor((0..<shape.reduce(1, *)).map { _ in real(bound) }, shape: shape)
    }

    /// A text of all kinds of letters, also those beside surrogates, marks, joiners and ends of lines.
    mutating func text(_ count: Int) -> String {
        let odd: [String] = [
            " ", "  ", "\n", "\r\n", "\t", "'s", "'ll", "'", "1", "23", "a", "word", "The", "\u{301}", "\u{200D}",
            "\u{FE0F}",
            "\u{D7FF}", "\u{E000}", "\u{FFFF}", "\u{10FFFF}", "\u{0}", "\u{7F}", "\u{85}", "\u{A0}", "\u{3000}",
            "\u{1F468}",
            "\u{1F469}\u{200D}\u{1F467}", "\u{1F1E9}\u{1F1EA}", "é", "e\u{301}", "\u{FEFF}", "½", "٣", "漢字", "!", "...",
        ]
        var text = String.UnicodeScalarView()
        for _ in 0..<count {
            if below(3) == 0 {
                while true {
                    guard let scalar = Unicode.Scalar(UInt32(below(0x11_0000))) else { continue }
                    text.append(scalar)
                    break
                }
            } else {
                text.append(contentsOf: odd[below(odd.count)].unicodeScalars)
            }
        }
        return String(text)
    }
}

/// The sentence of the error that a body throws; empty where it throws none.
func sentence<Result>(_ body: () throws -> Result) -> String {
    do {
        _ = try body()
        return ""
    } catch let error as any KindedError {
        return error.description
    } catch {
        return "no error of ours: \(error)"
    }
}

/// A small vocabulary of bytes: all 256, and what a few merges make.
enum SmallVocabulary {
    static let merges = ["t h", "th e", "Ġ the", "a n", "an d", "i n", "in g", "a a", "aa aa", "Ã ©"]

    /// The letters of the bytes, in the order of their tokens.
    static var letters: [String] {
        BytePairFiles.byteOfLetter.sorted { $0.value < $1.value }.map { String($0.key) }
    }

    static var names: [String] { letters + merges.map { $0.replacing(" ", with: "") } + ["<|endoftext|>"] }

    static func json(_ names: [String]) -> String {
        "{" + names.enumerated().map { "\(JSONText.quote($1)): \($0)" }.joined(separator: ", ") + "}"
    }

    static func view(_ text: String) -> ByteView { ByteView(Array(text.utf8)) }

    static func tokenizer(names: [String] = names, merges: [String] = merges, json own: String? = nil) throws
        -> BytePairTokenizer
    {
        try BytePairTokenizer(
            vocabulary: view(own ?? json(names)),
            merges: view("#version: 0.2\n" + merges.joined(separator: "\n") + "\n"), files: ("v.json", "m.bpe"))
    }
}

/// Writes files of PyTorch by hand, for there is no writer of them here.
struct TorchFile {
    private var storages: [[Float]] = []

    static func text(_ text: String) -> [UInt8] { [0x58] + little(UInt32(text.utf8.count)) + Array(text.utf8) }
    static func whole(_ value: Int) -> [UInt8] { [0x8A, 8] + little(UInt64(bitPattern: Int64(value))) }
    static func tuple(_ items: [[UInt8]]) -> [UInt8] { [0x28] + items.joined() + [0x74] }
    static func list(_ items: [[UInt8]]) -> [UInt8] { [0x5D, 0x28] + items.joined() + [0x65] }
    static func dictionary(_ items: [(String, [UInt8])]) -> [UInt8] {
        [0x7D, 0x28] + items.flatMap { text($0.0) + $0.1 } + [0x75]
    }

    private static func little<Number: FixedWidthInteger>(_ value: Number) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }

    private static func global(_ module: String, _ name: String) -> [UInt8] { Array("c\(module)\n\(name)\n".utf8) }

    /// A tensor of float32 with a storage of its own.
    mutating func tensor(_ tensor: RawTensor) -> [UInt8] {
        let key = "\(storages.count)"
        storages.append(tensor.floats())
        let strides = tensor.shape.indices.map { tensor.shape[($0 + 1)...].reduce(1, *) }
        let id = Self.tuple([
            Self.text("storage"), Self.global("torch", "FloatStorage"), Self.text(key), Self.text("cpu"),
            Self.whole(tensor.elementCount),
        ])
        return Self.global("torch._utils", "_rebuild_tensor_v2")
            + Self.tuple([
                id + [0x51], Self.whole(0), Self.tuple(tensor.shape.map(Self.whole)),
                Self.tuple(strides.map(Self.whole)),
                [0x89], [0x4E],
            ]) + [0x52]
    }

    func write(_ root: [UInt8], to path: String) throws {
        try ZipWriter.write(to: path) { zip in
            try zip.add("archive/data.pkl", [0x80, 2] + root + [0x2E])
            for (number, values) in storages.enumerated() {
                try zip.add("archive/data/\(number)", values.withUnsafeBytes { Array($0) })
            }
        }
    }
}
