import Foundation
import Tensors
import Testing

@testable import Formats

@Suite struct FilesTests {
    @Test("A full disk gives one clear sentence", .enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
    func fullDisk() {
        let tensor = RawTensor([Float](repeating: 0, count: 1000), shape: [1000])
        let message = Support.message { try Safetensors.write([("a", tensor)], to: "/dev/full") }
        #expect(message == "/dev/full: cannot write: No space left on device; free some space or choose another folder")
    }

    @Test("Every element type converts to numbers")
    func conversions() throws {
        func tensor(_ dtype: DType, _ bytes: [UInt8]) throws -> RawTensor {
            try RawTensor(dtype: dtype, shape: [bytes.count / dtype.byteCount], bytes: ByteView(bytes))
        }
        let halves: [UInt16] = [0x3C00, 0xC000, 0x7BFF, 0x0001, 0x8000, 0x7C00, 0x7E00]
        let values = try tensor(.float16, halves.flatMap { little($0) }).floats()
        #expect(
            values[0..<4] == [1, -2, 65504, 0x1p-24] && values[4].sign == .minus && values[5] == .infinity
                && values[6].isNaN)
        #expect(try tensor(.bfloat16, [0xC0, 0x3F, 0x40, 0xC0]).doubles() == [1.5, -3])
        #expect(try tensor(.int8, [255, 1]).int64s() == [-1, 1])
        #expect(try tensor(.int16, [0, 128]).floats() == [-32768])
        #expect(try tensor(.int32, [255, 255, 255, 255]).doubles() == [-1])
        #expect(try tensor(.bool, [0, 2]).int64s() == [0, 1])
        #expect(RawTensor([Float(2.9), -2.9, .nan, .infinity, -1e30], shape: [5]).int64s() == [2, -2, 0, .max, .min])
        #expect(try tensor(.complex64, [0, 0, 128, 63, 0, 0, 0, 64]).floats() == [1, 2])
        Support.expectMessage("needs 8 bytes, 4 are there") {
            try RawTensor(dtype: .int64, shape: [], bytes: ByteView([0, 0, 0, 0]))
        }
        Support.expectMessage("negative or too large") {
            try RawTensor(dtype: .int8, shape: [.max, 2], bytes: ByteView([]))
        }
    }

    @Test("Strides are followed inside the storage and refused outside")
    func strides() throws {
        let storage = RawTensor((0..<24).map { Float($0) }, shape: [24]).bytes
        func tensor(_ shape: [Int], _ strides: [Int], _ offset: Int) throws -> RawTensor {
            try RawTensor(dtype: .float32, shape: shape, strides: strides, offset: offset, storage: storage)
        }
        #expect(try tensor([3, 2], [1, 3], 0).floats() == [0, 3, 1, 4, 2, 5])
        #expect(try tensor([2, 3, 2], [12, 2, 1], 6).floats() == [6, 7, 8, 9, 10, 11, 18, 19, 20, 21, 22, 23])
        #expect(try tensor([2, 2, 2], [1, 4, 8], 1).floats() == [1, 9, 5, 13, 2, 10, 6, 14])
        #expect(try tensor([2, 3], [0, 0], 23).floats() == [Float](repeating: 23, count: 6))
        #expect(try tensor([], [], 5).floats() == [5])
        #expect(try tensor([4, 6], [6, 1], 0).bytes.baseAddress == storage.baseAddress)
        Support.expectMessage("needs 25 elements, the storage has 24") { try tensor([4, 6], [6, 1], 1) }
        Support.expectMessage("must not be negative") { try tensor([2], [-1], 1) }
        Support.expectMessage("2 dimensions, the strides have 1") { try tensor([2, 2], [1], 0) }
        Support.expectMessage("too large") { try tensor([3], [.max], 0) }
        Support.expectMessage("negative or too large") { try tensor([.max, .max], [0, 0], 0) }
        Support.expectMessage("repeats elements into") { try tensor([1 << 40], [0], 0) }
    }

    @Test(
        "JSON that the standard does not allow is refused with its place",
        arguments: [
            ("{\"a\":1,\"a\":2}", "byte 7: not valid JSON: duplicate key 'a'"), ("01", "byte 0"), ("1.", "byte 0"),
            ("-", "byte 0"),
            ("+1", "byte 0"), ("[1,]", "byte 3"), ("{,}", "byte 1"), ("\"\\x\"", "unknown escape"),
            ("\"\\ud800\"", "surrogate"),
            ("\"a", "does not end"), ("\"\n\"", "control character"), ("nul", "expected a value"),
            ("1e999", "too large"), ("", "ends where a value"),
            ("[[[[[[[[[1]]]]]]]]]", "nested too deep"), ("1 2", "something follows"), ("NaN", "expected a value"),
        ])
    func json(text: String, message: String) {
        Support.expectMessage(message) { try JSONText.parse(ByteView(text.utf8), file: "f", depth: 8) }
    }

    @Test("JSON keeps order, integers and escapes")
    func jsonValues() throws {
        let text = #" {"z": [1, -2.5e1, true, null], "a": "\u00e9\ud83d\ude00\n"} "#
        let value = try JSONText.parse(ByteView(text.utf8), file: "f")
        #expect(value["z"] == .array([.integer(1), .number(-25), .bool(true), .null]))
        #expect(value["a"] == .string("é😀\n"))
    }
}
