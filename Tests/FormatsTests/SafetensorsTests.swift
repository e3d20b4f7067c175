import Foundation
import Tensors
import Testing

@testable import Formats

@Suite struct SafetensorsTests {
    private func file(_ header: String, data: Int = 0) -> [UInt8] {
        little(UInt64(header.utf8.count)) + Array(header.utf8) + [UInt8](repeating: 1, count: data)
    }

    private let tensors: [(name: String, tensor: RawTensor)] = [
        ("b", RawTensor([Float(1), 2, 3, 4, 5, 6], shape: [2, 3])), ("a", RawTensor([UInt8(7)], shape: [])),
        ("long", RawTensor([Int64.min, 5], shape: [2, 1])), ("nothing", RawTensor([Double](), shape: [0, 4])),
    ]

    @Test("What is written reads back, in a layout that depends on the content alone")
    func roundTrip() throws {
        try Support.withTemporaryFolder { folder in
            let path = folder + "/x.safetensors"
            try Safetensors.write(tensors, metadata: ["note": "a \"quoted\"\nline é\u{1}"], to: path)
            let first = try MappedFile(path: path).view.array()
            try Safetensors.write(tensors.reversed(), metadata: ["note": "a \"quoted\"\nline é\u{1}"], to: path)
            #expect(try MappedFile(path: path).view.array() == first)
            let read = try Safetensors(path: path)
            #expect(read.names == ["long", "nothing", "b", "a"])
            #expect(read.metadata == ["note": "a \"quoted\"\nline é\u{1}"])
            #expect(try read.tensor("b").floats() == [1, 2, 3, 4, 5, 6])
            #expect(try read.tensor("b").shape == [2, 3])
            #expect(try read.tensor("a").int64s() == [7])
            #expect(try read.tensor("long").int64s() == [.min, 5])
            #expect(try read.tensor("nothing").shape == [0, 4])
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["x.safetensors"])
        }
    }

    @Test("A missing name is answered with the nearest one")
    func nearest() throws {
        let read = try Safetensors(
            ByteView(file(#"{"weight":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}"#, data: 1)), file: "f")
        Support.expectMessage("did you mean 'weight'?") { try read.tensor("wieght") }
    }

    @Test("Data that is not aligned to its element size is copied to where it is")
    func alignment() throws {
        let header = #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}} "#
        #expect(header.utf8.count % 4 != 0)
        let read = try Safetensors(ByteView(file(header, data: 4)), file: "f")
        let tensor = try read.tensor("a")
        #expect(tensor.isAligned && tensor.bytes.array() == [1, 1, 1, 1])
    }

    @Test(
        "Each fault of a header has its own message",
        arguments: [
            ("{", "not valid JSON"), ("[]", "must start with '{'"), ("\u{B}{}", "must start with '{'"),
            (#"{"a":1}"#, "'dtype' must be a text"),
            (#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{}}"#, "duplicate key 'a'"),
            (#"{"a":{"dtype":"F4","shape":[3],"data_offsets":[0,1]}}"#, "shape [3] of 'F4' needs 2 bytes"),
            (#"{"a":{"dtype":"F8_E8M0","shape":[3],"data_offsets":[0,1]}}"#, "needs 3 bytes"),
            (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,1]}}"#, "needs 4 bytes, its range has 1"),
            (#"{"a":{"dtype":"U8","shape":[-1],"data_offsets":[0,1]}}"#, "'shape' must be a list of whole numbers"),
            (#"{"a":{"dtype":"U8","shape":[9223372036854775807,3],"data_offsets":[0,1]}}"#, "overflows"),
            (#"{"a":{"dtype":"F64","shape":[4611686018427387904],"data_offsets":[0,1]}}"#, "overflows"),
            (
                #"{"a":{"dtype":"U8","shape":[99999999999999999999],"data_offsets":[0,1]}}"#,
                "'shape' must be a list of whole numbers"
            ),
            (#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[1,0]}}"#, "its data is bytes 1 to 0"),
            (#"{"a":{"dtype":"U8","shape":[5],"data_offsets":[0,5]}}"#, "the file has 4 bytes of data"),
            (
                #"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[3],"data_offsets":[1,4]}}"#,
                "overlaps"
            ),
            (
                #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}"#,
                "a hole of 1 bytes"
            ),
            (#"{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}}"#, "1 bytes at the end belong to no tensor"),
            (#"{"__metadata__":{"a":1}}"#, "the value of 'a' must be a text"),
            (#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0]}}"#, "'data_offsets' must be two whole numbers"),
            (#"{} x"#, "something follows the value"),
            ("{\"a\":" + String(repeating: "[", count: 100), "nested too deep"),
        ])
    func faults(header: String, message: String) {
        Support.expectMessage(message) { try Safetensors(ByteView(file(header, data: 4)), file: "f") }
    }

    @Test(
        "A header length that the file cannot hold is refused before anything is allocated",
        arguments: [1 << 63, UInt64.max, 100_000_001, 1000])
    func lengths(length: UInt64) {
        let wanted = length == 1000 ? "the file is cut short" : "at most 100000000 are read"
        Support.expectMessage(wanted) { try Safetensors(ByteView(little(length) + Array("{}".utf8)), file: "f") }
    }

    @Test("Every cut of a file is refused")
    func cuts() {
        let bytes = file(#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, data: 8)
        Support.expectCutsRefused(bytes) { try Safetensors($0, file: "f") }
        Support.expectMessage("the file has 3 bytes, at least 8 were expected") {
            try Safetensors(ByteView([1, 2, 3]), file: "f")
        }
    }

    @Test("Names used twice and types the format lacks are not written")
    func writerFaults() throws {
        try Support.withTemporaryFolder { folder in
            Support.expectMessage("used twice") { try Safetensors.write(tensors + tensors, to: folder + "/x") }
            let complex = try RawTensor(
                dtype: .complex128, shape: [], bytes: ByteView([UInt8](repeating: 0, count: 16)))
            Support.expectMessage("safetensors has no complex128") {
                try Safetensors.write([("c", complex)], to: folder + "/x")
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
        }
    }

    private func single(_ code: String, _ shape: [Int], _ data: [UInt8], space: String = "") throws -> Safetensors {
        let header = "\(space){\"a\":{\"dtype\":\"\(code)\",\"shape\":\(shape),\"data_offsets\":[0,\(data.count)]}}"
        return try Safetensors(ByteView(file(header) + data), file: "f")
    }

    @Test("A header that is padded in front is read", arguments: [" ", "\n", "\t", "\r\n   "])
    func padding(space: String) throws {
        #expect(try single("U8", [2], [4, 5], space: space).tensor("a").int64s() == [4, 5])
    }

    @Test("Floats of eight bits are what their definition says, all 256 of them")
    func float8() throws {
        let codes = (0...255).map { UInt8($0) }
        let (small, wide) = (try single("F8_E4M3", [256], codes), try single("F8_E5M2", [16, 16], codes))
        let e4m3 = try small.tensor("a")
        #expect(e4m3.dtype == .float32 && e4m3.shape == [256])
        let e5m2 = try wide.tensor("a")
        #expect(e5m2.dtype == .float32 && e5m2.shape == [16, 16])
        /// `(-1)^s 2^(e - bias) (1 + m / 2^bits)`, and `2^(1 - bias) m / 2^bits` for an exponent of 0.
        func definition(_ code: UInt8, bits: Int, bias: Int) -> Double {
            let (m, e) = (Double(Int(code) % (1 << bits)) / Double(1 << bits), Int(code % 128) >> bits)
            let size = e == 0 ? m * pow(2, Double(1 - bias)) : (1 + m) * pow(2, Double(e - bias))
            return code >= 128 ? -size : size
        }
        for (code, value) in zip(codes, e4m3.floats()) {
            if code % 128 == 0x7F {
                #expect(value.isNaN)
            } else {
                #expect(Double(value) == definition(code, bits: 3, bias: 7), "\(code)")
                #expect((value.sign == .minus) == (code >= 128))
            }
        }
        for (code, value) in zip(codes, e5m2.floats()) {
            switch code % 128 {
            case 0x7C: #expect(value == (code < 128 ? .infinity : -.infinity))
            case 0x7D...0x7F: #expect(value.isNaN)
            default: #expect(Double(value) == definition(code, bits: 2, bias: 15), "\(code)")
            }
        }
        #expect(e4m3.floats().filter { $0.isFinite }.max() == 448 && e4m3.floats()[1] == 0x1p-9)
        #expect(e5m2.floats().filter { $0.isFinite }.max() == 57344 && e5m2.floats()[1] == 0x1p-16)
        #expect(
            small.descriptions == [.init(name: "a", type: "F8_E4M3", dtype: .float32, shape: [256], byteCount: 256)])
    }

    @Test("Unsigned numbers are read as the next signed type")
    func unsigned() throws {
        let word = try single("U16", [2], [255, 255, 1, 0]).tensor("a")
        #expect(word.dtype == .int32 && word.int64s() == [65535, 1])
        let double = try single("U32", [1], [255, 255, 255, 255]).tensor("a")
        #expect(double.dtype == .int64 && double.int64s() == [4_294_967_295])
        Support.expectMessage("exceeds int64") {
            try single("U64", [1], [UInt8](repeating: 255, count: 8)).tensor("a")
        }
    }

    @Test(
        "Types that are not read are listed, and only asking for one is an error", arguments: ["F8_E8M0", "F4", "Q3_K"])
    func listed(code: String) throws {
        let size = code == "F4" ? 2 : 4
        let header = """
            {"a":{"dtype":"\(code)","shape":[4],"data_offsets":[0,\(size)]},\
            "b":{"dtype":"U8","shape":[1],"data_offsets":[\(size),\(size + 1)]}}
            """
        let read = try Safetensors(ByteView(file(header, data: size + 1)), file: "f")
        #expect(read.names == ["a", "b"] && read.descriptions[0].dtype == nil && read.descriptions[0].type == code)
        #expect(read.descriptions[0].byteCount == size && read.descriptions[0].shape == [4])
        #expect(try read.tensor("b").int64s() == [1] && read["a"] == nil)
        Support.expectMessage("f: 'a': a tensor of type '\(code)' can be listed, but not read") { try read.tensor("a") }
        Support.expectMessage("'\(code)'") { try read.tensors }
    }

    @Test("What is no safetensors file is told by its content")
    func kinds() {
        let cases: [([UInt8], String)] = [
            (Array("version https://git-lfs.github.com/spec/v1\n".utf8), "f: this is a pointer of Git LFS"),
            (Array("<!DOCTYPE html><html>".utf8), "f: this is a web page; check the address"),
            ([0x80, 2, 0x7D, 0x71, 0, 0x2E, 0, 0, 0], "f: this is a pickle, not a safetensors file"),
            ([UInt8](repeating: 0, count: 64), "nothing but zeros"),
        ]
        for (bytes, message) in cases {
            Support.expectMessage(message) { try Safetensors(ByteView(bytes), file: "f") }
        }
    }
}
