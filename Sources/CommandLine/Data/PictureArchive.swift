import Formats
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
                let title = PNG.Text("Title", latin(entry.image.name))
                try archive.add(name(index), PNG.encode(entry.image.image, text: [title]))
            }
            try archive.add("dataset.json", Array(description(entries, classes).utf8))
        }
    }

    private static func name(_ index: Int) -> String {
        "\(digits(index / 1000, 5))/img\(digits(index, 8)).png"
    }

    private static func description(_ entries: [Entry], _ classes: [String]) -> String {
        let rows = entries.enumerated().compactMap { index, entry in
            entry.label.map { "[\(JSONText.quote(name(index))), \($0)]" }
        }
        let labels = rows.isEmpty ? "null" : "[\n" + rows.joined(separator: ",\n") + "\n]"
        return "{\"labels\": \(labels), \"classes\": [\(classes.map(JSONText.quote).joined(separator: ", "))]}\n"
    }

    private static func digits(_ value: Int, _ width: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(width - text.count, 0)) + text
    }

    private static func latin(_ text: String) -> String {
        String(text.map { $0.isASCII && $0 >= " " ? $0 : "?" }.prefix(70))
    }
}
