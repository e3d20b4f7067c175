import Foundation
import Genera
import GeneraTesting
import Testing

@Suite struct ImageDatasetTests {
    let folder = TemporaryFolder()

    private func image(_ level: Int, size: Int = 4, channels: Int = 1) -> Image {
        Image(
            width: size, height: size, channels: channels,
            bytes: [UInt8](repeating: UInt8(level), count: size * size * channels))
    }

    private func archive(_ images: [(String, Image)], labels: String? = nil) throws -> String {
        let path = folder.file("set.zip")
        try ZipWriter.write(to: path) { zip in
            for (name, image) in images { try zip.add(name, PNG.encode(image)) }
            if let labels { try zip.add("dataset.json", Array(labels.utf8)) }
        }
        return path
    }

    private func refused(_ path: String, _ words: String, sourceLocation: SourceLocation = #_sourceLocation) {
        do {
            _ = try ImageDataset.load(path)
            Issue.record("it was read", sourceLocation: sourceLocation)
        } catch {
            #expect("\(error)".contains(words), sourceLocation: sourceLocation)
        }
    }

    @Test("A zip of PNGs is read in the order of names, labels become one-hot rows")
    func zip() throws {
        let path = try archive(
            [("b.png", image(2)), ("a.png", image(1))], labels: #"{"labels": [["a.png", 0], ["b.png", 2]]}"#)
        let set = try ImageDataset.load(path)
        #expect(set.count == 2 && set.shape == [1, 4, 4] && set.classCount == 3)
        #expect(set.labelRows == [[1, 0, 0], [0, 0, 1]])
        #expect(
            try set.images([1, 0]).array(of: UInt8.self) == [UInt8](repeating: 2, count: 16)
                + [UInt8](repeating: 1, count: 16))
        #expect(try set.labels([1], width: 3).array(of: Float.self) == [0, 0, 1])
        #expect(try ImageDataset.load(path, limit: 1).count == 1)
    }

    @Test("Colours come as planes, and a picture gives them back")
    func colours() throws {
        var picture = image(0, channels: 3)
        picture[1, 2, 2] = 200
        let set = try ImageDataset.load(try archive([("x.png", picture)]))
        #expect(set.shape == [3, 4, 4])
        #expect(set.pixels[2 * 16 + 2 * 4 + 1] == 200)
        #expect(set.picture(0) == picture)
    }

    @Test("Null labels are no labels; vectors stay as they are; backslashes in names do not matter")
    func labels() throws {
        #expect(try ImageDataset.load(try archive([("a.png", image(1))], labels: #"{"labels": null}"#)).classCount == 0)
        let vectors = try archive([("d/a.png", image(1))], labels: #"{"labels": [["d\\a.png", [0.5, 2]]]}"#)
        #expect(try ImageDataset.load(vectors).labelRows == [[0.5, 2]])
    }

    @Test("What is wrong with a data set is said with the file's name")
    func faults() throws {
        refused(folder.file("nowhere"), "there is no such file or folder of images")
        refused(try archive([]), "holds no images")
        refused(
            try archive([("a.png", image(1)), ("b.png", image(1, size: 5))]),
            "b.png is 5x5 with 1 channel, but a.png is 4x4 with 1 channel; all pictures must agree: `genera data pack "
                + "\(folder.file("set.zip")) --size 32 --out \(folder.file("set-32.zip"))` makes a set of them")
        refused(
            try archive([("a.png", image(1)), ("b.png", image(1, channels: 3))]), "b.png is 4x4 with 3 channels, but")
        let wide = Image(width: 8, height: 4, channels: 1, bytes: [UInt8](repeating: 0, count: 32))
        let set = try ImageDataset.load(try archive([("a.png", wide)]))
        #expect(set.shape == [1, 4, 8])
        #expect(throws: GeneraError.self) { try set.requireSquare() }
        refused(try archive([("a.png", image(1))], labels: #"{"labels": [["b.png", 1]]}"#), "has no label for 'a.png'")
        refused(try archive([("a.png", image(1))], labels: #"{"labels": [["a.png", -1]]}"#), "whole numbers from 0")
        refused(try archive([("a.png", image(1))], labels: "nonsense"), "is not a JSON object")
    }

    @Test("Pictures are known by content; what is none is counted and said; what systems leave behind is not")
    func content() throws {
        let path = folder.file("mixed.zip")
        try ZipWriter.write(to: path) { zip in
            try zip.add("a", PNG.encode(image(1)))
            try zip.add("b.PNG", PNG.encode(image(2)))
            try zip.add("__MACOSX/._b.PNG", [0, 5, 22, 7])
            try zip.add(".DS_Store", [0])
            try zip.add("notes.txt", Array("hello".utf8))
            try zip.add("list.csv", Array("1,2".utf8))
        }
        let set = try ImageDataset.load(path)
        #expect(set.count == 2 && set.pixels.first == 1 && set.pixels.last == 2)
        #expect(set.remark == "2 of 4 files are no pictures and were left out: list.csv, notes.txt")
        #expect(set.remarks.map(\.isWarning) == [false])
        #expect(try ImageDataset.load(try archive([("a.png", image(1))])).remark == nil)
        let fake = folder.file("fake.zip")
        try ZipWriter.write(to: fake) { try $0.add("a.jpg", Array("GIF89a".utf8)) }
        refused(fake, "a.jpg: this is a GIF picture")
    }

    @Test("A folder of JPEGs and WebPs is a data set")
    func photographs() throws {
        // 8 by 8, grey 128: written by libjpeg-turbo and libwebp.
        let jpeg =
            """
            /9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMU
            FRUVDA8XGBYUGBIUFRT/2wBDAQMEBAUEBQkFBQkUDQsNFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQU
            FBQUFBQUFBT/wAARCAAIAAgDAREAAhEBAxEB/8QAFAABAAAAAAAAAAAAAAAAAAAAAP/EABQQAQAAAAAAAAAAAAAAAAAAAAD/xAAU
            AQEAAAAAAAAAAAAAAAAAAAAA/8QAFBEBAAAAAAAAAAAAAAAAAAAAAP/aAAwDAQACEQMRAD8AA//Z
            """
        let webP =
            """
            UklGRh4AAABXRUJQVlA4TBEAAAAvB8ABAAdQwAIWsP+BiOh/AAA=
            """
        for (name, text) in [("a.jpg", jpeg), ("b.dat", webP)] {
            let data = try #require(Data(base64Encoded: text, options: .ignoreUnknownCharacters))
            try AtomicFile.write(Array(data), to: folder.file(name))
        }
        let set = try ImageDataset.load(folder.path)
        #expect(set.count == 2 && set.shape == [3, 8, 8])
        #expect(set.pixels.allSatisfy { abs(Int($0) - 128) <= 1 })
    }

    @Test("An index out of range is an error, not a trap")
    func range() throws {
        let set = try ImageDataset.load(try archive([("a.png", image(1))]))
        #expect(throws: TensorError.self) { try set.images([1]).checked() }
        #expect(throws: GeneraError.self) { try set.labels([0], width: 4) }
    }

    @Test("MNIST's files are read with their labels", .enabled(if: MNIST.isHere))
    func mnist() throws {
        let set = try ImageDataset.load(MNIST.path, limit: 100)
        #expect(set.count == 100 && set.shape == [1, 28, 28] && set.classCount == 10)
        #expect(set.labelRows[0][7] == 1)
    }

    private enum MNIST {
        static let path = "\(Golden.shared)/data/mnist/t10k-images-idx3-ubyte.gz"
        static var isHere: Bool { (try? MappedFile(path: path)) != nil }
    }
}

@Suite struct FourierTransformTests {
    @Test(
        "LibTorch's transform agrees with the one of this build, and undoes itself",
        arguments: [(8, 8), (5, 6), (6, 7)])
    func agrees(height: Int, width: Int) throws {
        let field = (0..<height * width).map { Double(($0 * 37) % 11) - 5 }
        let ours = try TorchFourierTransform().forward(field, height: height, width: width)
        let other = try standardFourierTransform.forward(field, height: height, width: width)
        for (a, b) in zip(ours.real + ours.imaginary, other.real + other.imaginary) { #expect(abs(a - b) < 1e-10) }
        for (a, b) in zip(try TorchFourierTransform().inverse(ours), field) { #expect(abs(a - b) < 1e-12) }
    }
}
