import Formats

/// What belongs to each picture of a set: its class, or a vector.
package struct PictureLabels: Sendable {
    /// A label for each picture.
    package enum Values: Sendable {
        /// Classes, counted from 0.
        case classes([Int])
        /// Vectors of one length.
        case vectors([[Float]])
    }

    /// The labels in the pictures' order.
    package var values: Values
    /// How many classes there are, or numbers in a vector.
    package let width: Int
    /// What the classes are called; empty where they have no names.
    package let names: [String]

    /// Classes by number; `names` are dropped unless there is one for each.
    ///
    /// - Throws: `GeneraError.badData` for numbers so large that their rows would not fit into memory.
    package init(classes: [Int], names: [String] = [], file: String) throws {
        width = (classes.max() ?? -1) + 1
        guard width <= 1 << 20, width * classes.count <= 1 << 30 else {
            throw GeneraError.badData(
                file: file, reason: "has the class \(width - 1) for \(classes.count) pictures",
                advice: "classes are counted from 0 without gaps")
        }
        (values, self.names) = (.classes(classes), names.count >= width ? Array(names.prefix(width)) : [])
    }

    /// Classes by their names, which are numbered as they are sorted.
    package init(named words: [String]) {
        let sorted = Set(words).sorted()
        let numbers = Dictionary(uniqueKeysWithValues: sorted.enumerated().map { ($1, $0) })
        values = .classes(words.map { numbers[$0] ?? 0 })
        (width, names) = (sorted.count, sorted)
    }

    /// Vectors.
    ///
    /// - Throws: `GeneraError.badData` for vectors of different lengths, and for numbers that are not finite.
    package init(vectors: [[Float]], names: [String] = [], file: String) throws {
        width = vectors.first?.count ?? 0
        guard vectors.allSatisfy({ [width] in $0.count == width }) else {
            throw GeneraError.badData(file: file, reason: "label vectors differ in length")
        }
        guard vectors.allSatisfy({ $0.allSatisfy(\.isFinite) }) else {
            throw GeneraError.badData(file: file, reason: "a label vector holds a number that is not finite")
        }
        (values, self.names) = (.vectors(vectors), names.count == width ? names : [])
    }

    /// Labels of the first so many pictures.
    func prefix(_ count: Int) -> PictureLabels {
        var labels = self
        switch values {
        case .classes(let classes): labels.values = .classes(Array(classes.prefix(count)))
        case .vectors(let vectors): labels.values = .vectors(Array(vectors.prefix(count)))
        }
        return labels
    }

    /// How many labels there are.
    var count: Int {
        switch values {
        case .classes(let classes): classes.count
        case .vectors(let vectors): vectors.count
        }
    }

    /// The class of each picture; of vectors the largest entry.
    package var classes: [Int] {
        switch values {
        case .classes(let classes): classes
        case .vectors(let vectors): vectors.map(ImageClassifier.largest)
        }
    }

    /// A row of weights for each picture: a one at its class, or its vector.
    var rows: [[Float]] {
        switch values {
        case .classes(let classes):
            classes.map { label in
                var row = [Float](repeating: 0, count: width)
                row[label] = 1
                return row
            }
        case .vectors(let vectors): vectors
        }
    }
}

extension PictureLabels {
    /// The labels that folders give: pictures which all lie in folders, two or more, are of the class their topmost folder is called by.
    ///
    /// - Parameter names: paths from the folder that holds everything.
    static func folders(_ names: [String]) -> (labels: PictureLabels?, remark: ReadingRemark?) {
        let folders = names.map { name in name.firstIndex(of: "/").map { String(name[..<$0]) } }
        let inside = folders.compactMap { $0 }
        guard Set(inside).count > (inside.count == names.count ? 1 : 0) else { return (nil, nil) }
        guard inside.count == names.count else {
            let text =
                "\(names.count - inside.count) of \(names.count) pictures lie in no folder, so that folders are no classes"
            return (nil, ReadingRemark(text))
        }
        let labels = PictureLabels(named: inside)
        let shown = labels.names.prefix(8).joined(separator: ", ") + (labels.names.count > 8 ? ", ..." : "")
        let text = "the \(labels.width) folders are the classes (there is no \(PictureFinding.labelFile)): \(shown)"
        return (labels, ReadingRemark(text))
    }

    /// The labels of `dataset.json`, `{"labels": [[file, label], ...], "classes": [name, ...]}` with whole numbers, names or vectors;
    /// nil for `null`.
    ///
    /// - Parameter names: paths of the pictures from where the file lies.
    static func json(_ bytes: [UInt8], file: String, names: [String]) throws -> PictureLabels? {
        guard let object = try? JSONText.parse(ByteView(bytes), file: file), case .object = object else {
            throw GeneraError.badData(file: file, reason: "is not a JSON object")
        }
        guard case .array(let list)? = object["labels"] else { return nil }
        let table = try table(list, file: file)
        let values = try names.map { name in
            guard let value = table[name] else {
                throw GeneraError.badData(file: file, reason: "has no label for '\(name)'")
            }
            return value
        }
        return try labels(values, classes: words(object["classes"]), file: file)
    }

    private static func table(_ list: [JSONValue], file: String) throws -> [String: Label] {
        var table: [String: Label] = [:]
        for pair in list {
            guard case .array(let pair) = pair, pair.count == 2, case .string(let name) = pair[0] else {
                throw GeneraError.badData(file: file, reason: "each label must be [file name, label]")
            }
            guard let label = Label(pair[1]) else {
                throw GeneraError.badData(
                    file: file, reason: "the label of '\(name)' is no number, no name and no list of numbers")
            }
            table[String(name.map { $0 == "\\" ? "/" : $0 })] = label
        }
        return table
    }

    private static func labels(_ values: [Label], classes: [String], file: String) throws -> PictureLabels {
        let words = values.compactMap(\.name)
        guard words.isEmpty else {
            guard words.count == values.count else {
                throw GeneraError.badData(
                    file: file, reason: "has labels that are names beside others that are numbers")
            }
            let places = Dictionary(classes.enumerated().map { ($1, $0) }) { first, _ in first }
            let known = words.compactMap { places[$0] }
            guard known.count == words.count else { return PictureLabels(named: words) }
            return try PictureLabels(classes: known, names: classes, file: file)
        }
        let numbers = values.map(\.numbers)
        guard numbers.allSatisfy({ $0.count == 1 }) else {
            return try PictureLabels(vectors: numbers.map { $0.map(Float.init) }, names: classes, file: file)
        }
        let whole = numbers.compactMap { $0[0] >= 0 && $0[0] < 1e6 ? Int(exactly: $0[0]) : nil }
        guard whole.count == numbers.count else {
            throw GeneraError.badData(file: file, reason: "labels must be whole numbers from 0, names, or vectors")
        }
        return try PictureLabels(classes: whole, names: classes, file: file)
    }

    private static func words(_ value: JSONValue?) -> [String] {
        guard case .array(let items)? = value else { return [] }
        let words = items.compactMap { item -> String? in if case .string(let word) = item { word } else { nil } }
        return words.count == items.count ? words : []
    }

    /// One label as a file gives it.
    private struct Label {
        var name: String?
        var numbers: [Double] = []

        init?(_ value: JSONValue) {
            switch value {
            case .string(let word): name = word
            case .integer(let number): numbers = [Double(number)]
            case .number(let number): numbers = [number]
            case .array(let items):
                numbers = items.compactMap { Label($0)?.numbers.first }
                guard numbers.count == items.count, !items.isEmpty else { return nil }
            default: return nil
            }
        }
    }
}
