import Formats
import Genera
import Imaging

/// Data sets as zip archives of PNG files with a `dataset.json`, as EDM and PFGM++ read them.
enum PictureArchive {
    /// A picture and its class; nil where there are none.
    typealias Entry = (image: NamedImage, label: Int?)

    /// Writes an archive.
    ///
    /// - Throws: `FormatError` if it cannot be written; nothing is left then.
    static func write(_ entries: [Entry], classes: [String], to path: String) throws {
        try ZipWriter.write(to: path) { archive in
            for (index, entry) in entries.enumerated() {
                try archive.add(name(index), encoded(entry.image.image, title: entry.image.name))
            }
            let labels = entries.map(\.label)
            try archive.add(
                description(labels.contains(nil) ? nil : labels.compactMap { $0.map(String.init) }, classes))
        }
    }

    /// Writes an archive of the pictures of a set, one after the other, each as `packing` makes it.
    ///
    /// - Throws: errors of reading a picture; `FormatError` if the archive cannot be written; nothing is left then.
    static func write(
        _ set: PictureSet, packing: PicturePacking, to path: String, progress: any ProgressSink
    ) throws {
        try ZipWriter.write(to: path) { archive in
            var index = 0
            try set.forEach(progress: progress) { number, image in
                try encoded(packing.packed(image), title: set.files.isEmpty ? "" : set.files[number])
            } deliver: { bytes in
                try archive.add(name(index), bytes)
                index += 1
            }
            try archive.add(description(set.labels?.texts, set.classNames ?? []))
        }
    }

    private static func encoded(_ image: Image, title: String) throws -> [UInt8] {
        try PNG.encode(image, text: title.isEmpty ? [] : [PNG.Text("Title", latin(title))])
    }

    private static func name(_ index: Int) -> String {
        "\(digits(index / 1000, 5))/img\(digits(index, 8)).png"
    }

    /// `dataset.json` with labels as they are written in it, one for each picture.
    private static func description(_ labels: [String]?, _ classes: [String]) -> (name: String, bytes: [UInt8]) {
        let rows = (labels ?? []).enumerated().map { "[\(JSONText.quote(name($0))), \($1)]" }
        let labels = rows.isEmpty ? "null" : "[\n" + rows.joined(separator: ",\n") + "\n]"
        let names = classes.map(JSONText.quote).joined(separator: ", ")
        return ("dataset.json", Array("{\"labels\": \(labels), \"classes\": [\(names)]}\n".utf8))
    }

    private static func digits(_ value: Int, _ width: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(width - text.count, 0)) + text
    }

    private static func latin(_ text: String) -> String {
        String(text.map { $0.isASCII && $0 >= " " ? $0 : "?" }.prefix(70))
    }
}

extension ZipWriter {
    fileprivate func add(_ file: (name: String, bytes: [UInt8])) throws { try add(file.name, file.bytes) }
}

extension PictureLabels {
    /// The labels as they are written in `dataset.json`.
    fileprivate var texts: [String] {
        switch values {
        case .classes(let classes): classes.map(String.init)
        case .vectors(let vectors): vectors.map { "[" + $0.map { "\($0)" }.joined(separator: ", ") + "]" }
        }
    }
}
