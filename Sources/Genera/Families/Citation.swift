/// Where a method was published.
public struct Citation: Sendable, Hashable, Codable {
    /// The paper's title.
    public let title: String
    /// Its authors, as `Given Family`.
    public let authors: [String]
    /// The year.
    public let year: Int
    /// Journal or conference.
    public let venue: String
    /// Where it can be read.
    public let url: String?

    /// Makes a citation.
    public init(title: String, authors: [String], year: Int, venue: String, url: String? = nil) {
        self.title = title
        self.authors = authors
        self.year = year
        self.venue = venue
        self.url = url
    }

    /// A BibTeX entry; its key is the first author's family name, the year, and the title's first word.
    public var bibtex: String {
        func letters(_ text: Substring?) -> String { (text ?? "").lowercased().filter { $0.isLetter && $0.isASCII } }
        let family = letters(authors.first?.split(separator: " ").last)
        let key = "\(family)\(year)\(letters(title.split(whereSeparator: { !$0.isLetter }).first))"
        var lines = [
            "@inproceedings{\(key),", "  title = {{\(title)}},", "  author = {\(authors.joined(separator: " and "))},",
            "  booktitle = {\(venue)},", "  year = {\(year)},",
        ]
        if let url { lines.append("  url = {\(url)},") }
        return (lines + ["}"]).joined(separator: "\n")
    }
}
