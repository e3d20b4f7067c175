import Genera
import GeneraTesting
import Testing

/// Images in NumPy's arrays.
@Suite struct ImageArrayTests {
    let folder = TemporaryFolder()

    private func npy(_ tensor: RawTensor) throws -> String {
        try NPY.write(tensor, to: folder.file("a.npy"))
        return folder.file("a.npy")
    }

    private func npz(_ arrays: [(name: String, tensor: RawTensor)]) throws -> String {
        try NPZ.write(arrays, to: folder.file("a.npz"))
        return folder.file("a.npz")
    }

    private func refusal(_ path: String) -> String {
        do {
            _ = try ImageDataset.load(path)
            return "it was read"
        } catch { return "\(error)" }
    }

    @Test("Channels first, channels last and none give the same planes")
    func layouts() throws {
        let planes = (0..<48).map { UInt8($0 * 5) }
        var pixels = planes
        for image in 0..<2 {
            for place in 0..<24 { pixels[image * 24 + place] = planes[image * 24 + place % 3 * 8 + place / 3] }
        }
        let first = try ImageDataset.load(npy(RawTensor(planes, shape: [2, 3, 2, 4])))
        #expect(first.pixels == planes && first.shape == [3, 2, 4] && first.remark == nil)
        let last = try ImageDataset.load(npy(RawTensor(pixels, shape: [2, 2, 4, 3])))
        #expect(last.pixels == planes && last.shape == [3, 2, 4])
        #expect(last.digest() == first.digest())
        let image = try Image.source(at: folder.file("a.npy")).samples([1])[0]
        #expect(image == last.picture(1))
        let grey = try ImageDataset.load(npy(RawTensor(planes, shape: [6, 2, 4])), limit: 2)
        #expect(grey.pixels == Array(planes[..<16]) && grey.shape == [1, 2, 4] && grey.count == 2)
    }

    @Test("Numbers are scaled by their range, which is said")
    func ranges() throws {
        func load(_ numbers: [Float]) throws -> ImageDataset {
            try ImageDataset.load(npy(RawTensor(numbers, shape: [1, 1, 2, 2])))
        }
        let unit = try load([0, 0.5, 1, 0.2])
        #expect(unit.pixels == [0, 128, 255, 51])
        #expect(unit.remark == "numbers from 0 to 1 are taken as black to white")
        let signed = try load([-1, 0, 1, 0.2])
        #expect(signed.pixels == [0, 128, 255, 153])
        #expect(signed.remark == "numbers from -1 to 1 are taken as black to white")
        let levels = try load([0, 17.4, 255, 2])
        #expect(levels.pixels == [0, 17, 255, 2])
        #expect(levels.remark == "numbers from 0 to 255 are taken as black to white")
        // Samples keep more than 8 bits.
        _ = try load([0, 0.5, 1, 0.2])
        #expect(try Image.source(at: folder.file("a.npy")).samples([0])[0][1, 0] == [32768])
        let whole = try ImageDataset.load(npy(RawTensor([0, 1, 1, 0] as [Int64], shape: [1, 1, 2, 2])))
        #expect(whole.pixels == [0, 1, 1, 0] && whole.remarks.map(\.isWarning) == [true])
    }

    @Test("NaN, numbers outside of all ranges and other shapes are told of")
    func faults() throws {
        func told(_ numbers: [Float], _ shape: [Int] = [2, 1, 1, 2]) throws -> String {
            refusal(try npy(RawTensor(numbers, shape: shape)))
        }
        #expect(try told([0, 1, .nan, 0]).contains("sample 1 (counted from 0) holds nan"))
        #expect(try told([0, 1, 256, 0]).contains("holds the pixel 256.0 (its numbers go from 0.0 to 256.0)"))
        #expect(try told([0, -3, 7, 0]).contains("holds the pixel -3.0"))
        #expect(try told([1, 2, 3, 4], [4]).contains("holds float32 [4]; images are arrays [N, H, W]"))
        #expect(try told([1, 2, 3, 4], [1, 2, 2, 1, 1]).contains("[1, 2, 2, 1, 1]"))
        #expect(try told([], [0, 1, 2, 2]).contains("[0, 1, 2, 2]"))
    }

    @Test("Of several arrays images and labels are found by name, and the rest is said")
    func archives() throws {
        let bytes = (0..<24).map { UInt8($0) }
        let pictures = RawTensor(bytes, shape: [3, 2, 4])
        let labels = RawTensor([2, 0, 1] as [Int64], shape: [3])
        for (image, label) in [("arr_0", "arr_1"), ("images", "labels"), ("x_train", "y_train"), ("data", "y")] {
            let set = try ImageDataset.load(npz([(label, labels), (image, pictures)]))
            #expect(set.pixels == bytes && set.classes == [2, 0, 1] && set.classCount == 3, "\(image)")
            #expect(set.remark == "images are '\(image)' [3, 2, 4] of uint8, labels '\(label)' [3] of int64")
        }
        let keras = try ImageDataset.load(
            npz([
                ("x_test", RawTensor([9, 9] as [UInt8], shape: [1, 1, 2])), ("x_train", pictures),
                ("y_test", RawTensor([5] as [Int64], shape: [1])), ("y_train", labels),
            ]))
        #expect(keras.count == 3 && keras.classes == [2, 0, 1])
        #expect(keras.remark?.hasSuffix("left out: 'x_test' [1, 1, 2] of uint8, 'y_test' [1] of int64") == true)
        let vectors = RawTensor([0.5, 1, 0, 0, 2, 1] as [Float], shape: [3, 2])
        #expect(
            try ImageDataset.load(npz([("x", pictures), ("y", vectors)])).labelRows == [[0.5, 1], [0, 0], [2, 1]])
        #expect(
            refusal(try npz([("a", labels), ("b", vectors)])).contains(
                "holds the arrays 'a' [3] of int64, 'b' [3, 2] of float32"))
        let negative = RawTensor([-1, 0, 1] as [Int64], shape: [3])
        #expect(refusal(try npz([("x", pictures), ("y", negative)])).contains("are not whole numbers from 0"))
    }

    @Test("Points stay points")
    func points() throws {
        #expect(
            Image.format(reading: try npy(RawTensor([1, 2, 3, 4] as [Float], shape: [1, 2, 2])), byName: false) == nil)
        let clouds = try npz([
            ("points", RawTensor([1, 2, 3, 4] as [Float], shape: [2, 2])),
            ("counts", RawTensor([2] as [Int64], shape: [1])),
        ])
        #expect(Image.format(reading: clouds, byName: false) == nil)
        #expect(try PointCloud.source(at: clouds).count == 1)
    }
}
