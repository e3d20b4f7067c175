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
            ("{", "not valid JSON"), ("[]", "must start with '{'"), (" {}", "must start with '{'"),
            (#"{"a":1}"#, "'dtype' must be a text"),
            (#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{}}"#, "duplicate key 'a'"),
            (#"{"a":{"dtype":"F8_E4M3","shape":[1],"data_offsets":[0,1]}}"#, "unknown dtype 'F8_E4M3'"),
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
}
