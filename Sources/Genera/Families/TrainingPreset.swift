/// A set of choices for training under one name: `genera train FAMILY --preset NAME`.
///
/// It is words of the command line that stand before those of a configuration file, and those before what the user writes. What
/// is written by hand therefore wins.
///
///     TrainingPreset("draft", for: "a first look: ten minutes on two cores", "--cbase 16 --batch-size 32 --steps 3000")
public struct TrainingPreset: Sendable, Hashable {
    /// The name, a word such as `draft`.
    public let name: String
    /// What it is for and what it costs, in one line.
    public let purpose: String
    /// The words: options of the family and of `TrainingSettings`.
    public let words: [String]

    /// Makes a preset. - Parameter words: the words with spaces between them; negative numbers as `--p-mean=-1.2`.
    public init(_ name: String, for purpose: String, _ words: String = "") {
        (self.name, self.purpose) = (name, purpose)
        self.words = words.split(separator: " ").map(String.init)
    }

    /// The options that the words set.
    public var record: OptionRecord {
        var entries: [OptionRecord.Entry] = []
        for word in words {
            if word.hasPrefix("-") {
                let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
                entries.append(.init(token: parts[0], values: Array(parts.dropFirst())))
            } else if let last = entries.popLast() {
                entries.append(.init(token: last.token, values: last.values + [word]))
            }
        }
        return OptionRecord(entries: entries)
    }
}

/// The preset that a family chose because none was named, and why.
public struct PresetChoice: Sendable, Hashable {
    /// The preset's name.
    public let name: String
    /// What it was chosen for, for example `32x32 pictures and 2 processors`.
    public let reason: String

    /// Makes a choice.
    public init(_ name: String, because reason: String) { (self.name, self.reason) = (name, reason) }
}

extension TrainingFamily {
    /// The options of a preset, with words that win over its own.
    ///
    ///     let options = try PFGMPP.options(preset: "draft", "--data", "emoji.zip")
    ///
    /// - Throws: `GeneraError.usage` for a name that is none, ArgumentParser's errors for words that are none.
    public static func options(preset name: String, _ words: String...) throws -> TrainingOptions {
        let schema = try OptionSchema(TrainingOptions.self)
        let own = try preset(named: name).record.entries.filter { schema.field(token: $0.token) != nil }
        return try TrainingOptions.parse(OptionRecord(entries: own).without(words, schema).arguments + words)
    }

    /// The preset of a name.
    ///
    /// - Throws: `GeneraError.usage`, with the names that there are.
    public static func preset(named name: String) throws -> TrainingPreset {
        if let found = presets.first(where: { $0.name == name }) { return found }
        guard !presets.isEmpty else { throw GeneraError.usage("'\(self.name)' has no presets: leave out --preset.") }
        let names = presets.map(\.name)
        let nearest = nearestName(to: name, in: names).map { " Did you mean '\($0)'?" } ?? ""
        throw GeneraError.usage(
            "'\(name)' is no preset of '\(self.name)'.\(nearest) Known: \(names.joined(separator: ", ")).")
    }
}

extension OptionRecord {
    /// This record without what some words set too, on or off.
    public func without(_ words: [String], _ schema: OptionSchema) -> OptionRecord {
        func plain(_ key: String) -> String { key.hasPrefix("no-") ? String(key.dropFirst(3)) : key }
        let given = Set(
            words.prefix { $0 != "--" }.compactMap { word in
                schema.field(token: String(word.prefix { $0 != "=" })).map { plain($0.key) }
            })
        return OptionRecord(
            entries: entries.filter { entry in
                !given.contains(plain(schema.field(token: entry.token)?.key ?? entry.key))
            })
    }
}
