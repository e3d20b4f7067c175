import Foundation
import Tensors
import Testing

@testable import Formats

@Suite struct ArraysTests {
    private func npy(_ header: String, version: UInt8 = 1, data: Int = 0) -> [UInt8] {
        let length = version == 1 ? little(UInt16(header.utf8.count)) : little(UInt32(header.utf8.count))
        return [0x93] + Array("NUMPY".utf8) + [version, 0] + length + Array(header.utf8)
            + [UInt8](repeating: 0, count: data)
    }

    @Test(
        "Arrays of numpy read as numbers, whatever their type, order and compression",
        arguments: ["plain.npz", "compressed.npz"])
    func numpy(name: String) throws {
        let file = try NPZ(path: Support.fixture(name))
        #expect(try file.tensor("row").floats() == [0, 1, 2, 3, 4, 5])
        guard name == "plain.npz" else { return }
        #expect(file.names.count == 9)
        #expect(try file.tensor("column").floats() == [0, 1, 2, 3, 4, 5] && file.tensor("column").shape == [2, 3])
        #expect(try file.tensor("scalar").shape == [] && file.tensor("scalar").doubles() == [2.5])
        #expect(try file.tensor("flags").int64s() == [1, 0] && file.tensor("u2").int64s() == [65535])
        #expect(try file.tensor("big").doubles() == [1.5, -2] && file.tensor("half").floats() == [1, 2])
        #expect(try file.tensor("z").floats() == [1, 2] && file.tensor("empty").shape == [0, 3])
        Support.expectMessage("did you mean 'row.npy'?") { try file.tensor("rows") }
    }

    @Test("What is written reads back", arguments: [[], [6], [2, 3], [1, 6, 1]] as [[Int]])
    func roundTrip(shape: [Int]) throws {
        try Support.withTemporaryFolder { folder in
            let tensor =
                shape.isEmpty ? RawTensor([Float(4)], shape: []) : RawTensor((0..<6).map { Float($0) }, shape: shape)
            try NPY.write(tensor, to: folder + "/a.npy")
            let view = try MappedFile(path: folder + "/a.npy").view
            let read = try NPY.read(view, file: "f")
            #expect(read.shape == shape && read.floats() == tensor.floats() && read.bytes.memory === view.memory)
            #expect((view.count - tensor.bytes.count) % 64 == 0)
            try NPZ.write([("mu", tensor), ("sigma", RawTensor([1.0, 2], shape: [2]))], to: folder + "/a.npz")
            let file = try NPZ(path: folder + "/a.npz")
            #expect(file.names == ["mu", "sigma"])
            #expect(try file.tensor("mu").floats() == tensor.floats() && file.tensor("sigma").doubles() == [1, 2])
            Support.expectCutsRefused(view.array()) { try NPY.read($0, file: "f") }
        }
    }

    @Test(
        "Each fault of an NPY header has its own message",
        arguments: [
            ("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", "needs 8 bytes, 4 are there"),
            ("{'descr': '|O', 'fortran_order': False, 'shape': (1,)}", "elements of type '|O' are not read"),
            ("{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775807, 9)}", "too many"),
            ("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}", "negative, too large or not a number"),
            (
                "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}",
                "negative, too large or not a number"
            ),
            ("{'descr': '<f4', 'fortran_order': False}", "must have 'descr', 'fortran_order' and 'shape'"),
            ("{'descr': '<f4', 'descr': '<f4'}", "'descr' twice"), ("{'evil': 1}", "'evil' twice, or it is unknown"),
            ("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}", "records are not read"),
            ("__import__('os')", "the header should have '{'"), ("{'descr': '<f4", "should have a text"),
            ("{'descr': '<f4', 'fortran_order': 0, 'shape': (1,)}", "should have 'False'"),
            ("{'descr': '<f4', 'fortran_order': True, 'shape': (1,)} x", "nothing else"),
        ])
    func faults(header: String, message: String) {
        Support.expectMessage(message) { try NPY.read(ByteView(npy(header, data: 4)), file: "f") }
    }

    @Test("Versions 1 to 3 are read and others refused", arguments: [1, 2, 3, 4] as [UInt8])
    func versions(version: UInt8) {
        let bytes = npy("{'descr': '<f4', 'fortran_order': True, 'shape': (1, 1L), }\n", version: version, data: 4)
        let message = Support.message { try NPY.read(ByteView(bytes), file: "f") }
        #expect(version < 4 ? message.isEmpty : message.contains("version 4 is not read"))
    }

    @Test(
        "IDX arrays of every type are read, high byte first",
        arguments: [(0x08, 1), (0x09, 1), (0x0B, 2), (0x0C, 4), (0x0D, 4), (0x0E, 8)] as [(UInt8, Int)])
    func idx(code: UInt8, width: Int) throws {
        let one: [UInt8] =
            code == 0x0D
            ? [0x3F, 0x80, 0, 0]
            : code == 0x0E ? [0x3F, 0xF0, 0, 0, 0, 0, 0, 0] : [UInt8](repeating: 0, count: width - 1) + [1]
        let bytes: [UInt8] = [0, 0, code, 1, 0, 0, 0, 2] + one + [UInt8](repeating: 0, count: width)
        #expect(try IDX.read(ByteView(bytes), file: "f").doubles() == [1, 0])
        Support.expectCutsRefused(bytes) { try IDX.read($0, file: "f") }
        Support.expectMessage("element type 0x7 is unknown") { try IDX.read(ByteView([0, 0, 7, 0]), file: "f") }
        Support.expectMessage("must start with two zero bytes") { try IDX.read(ByteView([1, 0, 8, 0]), file: "f") }
        let huge = [0, 0, 0x0E, 3] + [UInt8](repeating: 255, count: 12)
        Support.expectMessage("too many bytes") { try IDX.read(ByteView(huge), file: "f") }
    }

    @Test("MNIST's pictures and labels are read", .enabled(if: Support.shared != nil))
    func mnist() throws {
        let folder = "\(try #require(Support.shared))/data/mnist"
        let images = try IDX.read(path: folder + "/t10k-images-idx3-ubyte.gz")
        let labels = try IDX.read(path: folder + "/t10k-labels-idx1-ubyte.gz")
        #expect(images.shape == [10000, 28, 28] && images.dtype == .uint8)
        #expect(labels.int64s().prefix(10) == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9])
        #expect(try IDX.read(path: Support.fixture("idx.gz")).int64s() == [1, -2, 300, -400])
    }

    @Test("CIFAR-10 records are split into labels and pictures")
    func cifar() throws {
        let record = [UInt8(3)] + (0..<3072).map { UInt8($0 % 251) }
        let batch = try CIFAR10Binary([(ByteView(record), "a"), (ByteView(record + record), "b")])
        #expect(batch.labels == [3, 3, 3] && batch.images.shape == [3, 3, 32, 32])
        #expect(batch.images.bytes.array().suffix(3072) == record.dropFirst())
        Support.expectMessage("not a whole number of records") {
            try CIFAR10Binary([(ByteView(record.dropLast()), "a")])
        }
        Support.expectMessage("the label is 10") { try CIFAR10Binary([(ByteView([10] + record.dropFirst()), "a")]) }
    }
}
