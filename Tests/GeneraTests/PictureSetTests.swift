import Foundation
import Genera
import GeneraTesting
import Synchronization
import Testing

/// Sets of pictures as people have them: folders of classes, strangers among them, labels by name.
@Suite struct PictureSetTests {
    let folder = TemporaryFolder()

    /// A picture of one colour.
    private func picture(_ level: Int, size: Int = 4) throws -> [UInt8] {
        try PNG.encode(Image(width: size, height: size, channels: 3, fill: [level, 0, 255]))
    }

    private func write(_ files: [(String, [UInt8])], to name: String) throws -> String {
        for (file, bytes) in files {
            let path = "\(folder.path)/\(name)/\(file)"
            try FileSystem.makeFolders(FileSystem.parent(of: path))
            try AtomicFile.write(bytes, to: path)
        }
        return folder.file(name)
    }

    private func zip(_ files: [(String, [UInt8])], to name: String) throws -> String {
        try ZipWriter.write(to: folder.file(name)) { zip in for (file, bytes) in files { try zip.add(file, bytes) } }
        return folder.file(name)
    }

    @Test("Folders are classes, in a folder and in a zip with one folder around everything")
    func folders() throws {
        let files = [("dog/2.png", try picture(2)), ("cat/1.png", try picture(1)), ("cat/0.png", try picture(0))]
        for path in [
            try write(files, to: "pets"), try zip(files, to: "pets.zip"),
            try zip(files.map { ("set/\($0)", $1) } + [("__MACOSX/set/cat/._1.png", [0])], to: "enclosed.zip"),
        ] {
            let set = try ImageDataset.load(path)
            #expect(set.classNames == ["cat", "dog"])
            #expect(set.labelRows == [[1, 0], [1, 0], [0, 1]] && set.classes == [0, 0, 1])
            #expect(stride(from: 0, to: set.pixels.count, by: 48).map { set.pixels[$0] } == [0, 1, 2])
            #expect(set.remark == "the 2 folders are the classes (there is no dataset.json): cat, dog")
            #expect(try ImageDataset.load(path, limit: 2).labelRows == [[1, 0], [1, 0]])
        }
    }

    @Test("One folder is no class, and pictures outside of all folders say that none are")
    func noClasses() throws {
        let one = try ImageDataset.load(try write([("all/1.png", picture(1)), ("all/2.png", picture(2))], to: "one"))
        #expect(one.classCount == 0 && one.classNames == nil && one.remark == nil)
        let mixed = try ImageDataset.load(
            try write([("a/1.png", picture(1)), ("b/2.png", picture(2)), ("3.png", picture(3))], to: "mixed"))
        #expect(mixed.classCount == 0)
        #expect(mixed.remark == "1 of 3 pictures lie in no folder, so that folders are no classes")
    }

    @Test("A dataset.json wins over folders; labels may be names; classes name numbers")
    func json() throws {
        let files = [("x/1.png", try picture(1)), ("y/2.png", try picture(2)), ("y/3.png", try picture(3))]
        func labels(_ json: String) throws -> ImageDataset {
            try ImageDataset.load(zip(files + [("dataset.json", Array(json.utf8))], to: "j.zip"))
        }
        let named = try labels(#"{"labels": [["x/1.png", "pear"], ["y/2.png", "apple"], ["y/3.png", "pear"]]}"#)
        #expect(named.classNames == ["apple", "pear"] && named.classes == [1, 0, 1] && named.remark == nil)
        let ordered = try labels(
            #"{"labels": [["x/1.png", "pear"], ["y/2.png", "apple"], ["y/3.png", "pear"]], "classes": ["pear", "apple"]}"#
        )
        #expect(ordered.classNames == ["pear", "apple"] && ordered.classes == [0, 1, 0])
        let numbered = try labels(
            #"{"labels": [["x/1.png", 1], ["y/2.png", 0], ["y/3.png", 1]], "classes": ["no", "yes"]}"#)
        #expect(numbered.classNames == ["no", "yes"] && numbered.labelRows == [[0, 1], [1, 0], [0, 1]])
        #expect(try labels(#"{"labels": null}"#).classCount == 0)
        #expect(throws: GeneraError.self) {
            try labels(#"{"labels": [["x/1.png", "pear"], ["y/2.png", 0], ["y/3.png", 1]]}"#)
        }
        let inside = try ImageDataset.load(
            zip(
                [("s/a.png", picture(1)), ("s/dataset.json", Array(#"{"labels": [["a.png", "one"]]}"#.utf8))],
                to: "i.zip"))
        #expect(inside.classNames == ["one"])
    }

    @Test("What is left out is counted and named, and pictures of other formats are a warning")
    func leftOut() throws {
        let path = try write(
            (1...9).map { ("\($0).png", try picture($0)) } + [
                ("a.txt", Array("words".utf8)), ("b.mov", Array("\0\0\0\u{14}ftypqt  ".utf8)),
                ("c.heic", Array("\0\0\0\u{18}ftypheic".utf8)), (".DS_Store", [0]), (".git/x.png", [1]),
            ], to: "strangers")
        let heard = Heard()
        let set = try ImageDataset.load(path, progress: heard)
        #expect(set.count == 9)
        let text =
            "\(path): 3 of 12 files are no pictures that can be read and were left out: a.txt, b.mov, c.heic (HEIC); convert HEIC to PNG, JPEG or WebP first"
        #expect(heard.lines.withLock { $0 } == ["began 9 pictures", "9/9", "warning \(text)"])
        try FileSystem.remove("\(path)/c.heic")
        let again = Heard()
        _ = try ImageDataset.load(path, progress: again)
        #expect(
            again.lines.withLock { $0 }.last
                == "finished \(path): 2 of 11 files are no pictures and were left out: a.txt, b.mov")
    }

    /// Notes what is said; of progress the last alone.
    private final class Heard: ProgressSink {
        let lines = Mutex([String]())
        func report(_ event: ProgressEvent) {
            lines.withLock { lines in
                switch event {
                case let .began(total, unit): lines.append("began \(total) \(unit)")
                case let .advanced(done, total, _, _): if done == total { lines.append("\(done)/\(total)") }
                case let .warning(text): lines.append("warning \(text)")
                case let .finished(text): lines.append("finished \(text)")
                case let .note(text), let .news(text): lines.append("note \(text)")
                }
            }
        }
    }

    @Test("Alpha is laid over white, and 16 bits are rounded")
    func converted() throws {
        let clear = Image(width: 2, height: 2, channels: 4, fill: [255, 0, 100, 51])
        let set = try ImageDataset.load(zip([("a.png", PNG.encode(clear))], to: "clear.zip"))
        #expect(set.shape == [3, 2, 2])
        #expect(set.pixels == [255, 255, 255, 255, 204, 204, 204, 204, 224, 224, 224, 224])
        let deep = Image(width: 1, height: 1, channels: 1, bitDepth: 16, fill: [257 * 7 + 200])
        #expect(try ImageDataset.load(zip([("a.png", PNG.encode(deep))], to: "deep.zip")).pixels == [8])
    }

    @Test("A digest is the same from folder and zip, and differs by a pixel, a label, an order and a shape")
    func digest() throws {
        let files = [("cat/1.png", try picture(1)), ("dog/2.png", try picture(2))]
        let digest = try ImageDataset.load(write(files, to: "d")).digest()
        #expect(try digest.count == 64 && digest == ImageDataset.load(zip(files, to: "d.zip")).digest())
        func made(_ pixels: [UInt8], _ shape: [Int], _ labels: [[Float]] = []) throws -> String {
            try ImageDataset(name: "x", pixels: pixels, shape: shape, labelRows: labels).digest()
        }
        let all = [
            try made([1, 2, 3, 4], [1, 1, 2]), try made([1, 2, 3, 5], [1, 1, 2]), try made([3, 4, 1, 2], [1, 1, 2]),
            try made([1, 2, 3, 4], [1, 2, 1]), try made([1, 2, 3, 4], [1, 1, 2], [[1, 0], [0, 1]]),
            try made([1, 2, 3, 4], [1, 1, 2], [[0, 1], [1, 0]]),
        ]
        #expect(Set(all).count == all.count)
        #expect(try all[0] == made([1, 2, 3, 4], [1, 1, 2]))
    }
}
