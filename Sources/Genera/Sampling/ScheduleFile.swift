import Formats

/// A grid of noise levels in a small YAML file, as `genera optimise-schedule` writes it and `--schedule FILE` reads it.
///
///     levels: [80.0, 9.1, 1.3, 0.21, 0.004]
///     family: pfgmpp
///     solver: unipc-3
public struct ScheduleFile: Sendable, Equatable {
    /// The levels, strictly falling and above 0; the final 0 is not written.
    public var levels: [Double]
    /// How they were found: names and values, in order.
    public var facts: [(key: String, value: String)]

    /// The facts that a file may state beside `levels`.
    public static let knownFacts = [
        "family", "model", "sha256", "options", "nfe", "error-before", "error-after", "held-out-before",
        "held-out-after", "samples", "seed", "reference-steps", "trials", "genera",
    ]

    /// Makes a schedule.
    public init(levels: [Double], facts: [(key: String, value: String)] = []) {
        (self.levels, self.facts) = (levels, facts)
    }

    /// Compares levels and facts.
    public static func == (a: ScheduleFile, b: ScheduleFile) -> Bool {
        a.levels == b.levels && a.facts.map(\.key) == b.facts.map(\.key) && a.facts.map(\.value) == b.facts.map(\.value)
    }

    /// Reads a file.
    ///
    /// - Throws: `FormatError` for a file that cannot be read, has other keys, or levels that do not fall.
    public init(path: String) throws {
        let file = try YAMLOptions(path: path)
        try file.check(known: ["levels"] + Self.knownFacts)
        guard let text = file["levels"]?.text else {
            throw FormatError(
                file: path, reason: "there are no 'levels'", advice: "is it a schedule of `genera optimise-schedule`?")
        }
        do { levels = try Self.levels(text) } catch let reason as Reason {
            throw FormatError(file: path, place: "levels", reason: reason.description)
        }
        facts = file.entries.filter { $0.key != "levels" }.compactMap { entry in
            entry.value.text.map { (entry.key, $0) }
        }
    }

    /// What is wrong with a list of levels.
    public struct Reason: Error, CustomStringConvertible {
        /// A few words.
        public let description: String
    }

    /// The levels of a text such as `80,20,5,1`. A final 0 may be written and is left out.
    ///
    /// - Throws: `Reason` if they are not numbers above 0 that fall.
    public static func levels(_ text: String) throws -> [Double] {
        var levels: [Double] = []
        for word in text.split(separator: ",", omittingEmptySubsequences: false) {
            let word = word.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()
            guard let level = Double(String(word)), level.isFinite, level >= 0 else {
                throw Reason(description: "'\(String(word))' is not a noise level")
            }
            levels.append(level)
        }
        if levels.count > 1, levels.last == 0 { levels.removeLast() }
        for (a, b) in zip(levels, levels.dropFirst()) where a <= b {
            throw Reason(description: "noise levels must fall, but \(b) comes after \(a)")
        }
        guard let last = levels.last, last > 0, levels.count <= 100_000 else {
            throw Reason(description: "noise levels must be above 0")
        }
        return levels
    }

    /// Writes the file, whole or not at all.
    ///
    /// - Throws: `FormatError` with the system's reason.
    public func write(to path: String) throws {
        let levels = (key: "levels", value: YAMLValue.list(levels.map { "\($0)" }))
        try YAMLOptions.write([levels] + facts.map { (key: $0.key, value: .scalar($0.value)) }, to: path)
    }
}
