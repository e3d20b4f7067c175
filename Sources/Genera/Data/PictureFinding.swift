import Imaging

/// Which of many files are pictures, told by their first bytes. What is left out is kept, so that it can be said.
struct PictureFinding {
    /// The name of a file of labels.
    static let labelFile = "dataset.json"

    /// Names of pictures, sorted, with all folders.
    private(set) var pictures: [String] = []
    /// The one folder that holds everything, with a slash behind it; empty if there is none.
    let enclosing: String
    /// Files that are no pictures that are read; the kind of those that are pictures.
    private(set) var skipped: [(name: String, kind: String?)] = []

    /// Looks at the first 12 bytes of each file. A file that is named like a picture is taken for one, so that what is wrong with it is
    /// said when it is read.
    init(_ files: [String], head: (String) throws -> [UInt8]) {
        let files = files.filter { !Self.isLitter($0) }.sorted()
        enclosing = Self.enclosing(files)
        for name in files where name != enclosing + Self.labelFile {
            let start = PictureFormat.isName(name) ? nil : (try? head(name)) ?? []
            guard let start, PictureFormat(start) == nil else { pictures.append(name); continue }
            skipped.append((name, PictureFormat.unread(start, name: name)))
        }
    }

    /// What systems and programs leave among people's files, and whatever is hidden.
    private static func isLitter(_ path: String) -> Bool {
        PictureFormat.isLitter(path) || path.split(separator: "/").contains { $0.hasPrefix(".") }
    }

    private static func enclosing(_ files: [String]) -> String {
        guard let first = files.first, let slash = first.firstIndex(of: "/") else { return "" }
        let folder = first[...slash]
        return files.allSatisfy { $0.hasPrefix(folder) } ? String(folder) : ""
    }

    /// What was left out; nil if nothing was.
    var remark: ReadingRemark? {
        guard !skipped.isEmpty else { return nil }
        let kinds = Set(skipped.compactMap(\.kind)).sorted()
        let listed = skipped.prefix(8).map { file in Printable.name(file.name) + (file.kind.map { " (\($0))" } ?? "") }
        let more = skipped.count > listed.count ? " and \(Text.grouped(skipped.count - listed.count)) more" : ""
        let total = Text.grouped(skipped.count + pictures.count)
        let verb = skipped.count == 1 ? "is no picture" : "are no pictures"
        let was = skipped.count == 1 ? "was" : "were"
        return ReadingRemark(
            "\(Text.grouped(skipped.count)) of \(total) files \(verb)\(kinds.isEmpty ? "" : " that can be read") and \(was) left out: "
                + listed.joined(separator: ", ") + more
                + (kinds.isEmpty ? "" : "; convert \(kinds.joined(separator: ", ")) to PNG, JPEG or WebP first"),
            isWarning: !kinds.isEmpty)
    }
}
