import Formats

/// The families of a program: a value that is filled at its start and passed down, never a global.
public struct Registry: Sendable {
    private var table: [String: any ModelFamily.Type] = [:]
    private var origins: [String: String] = [:]

    /// The words of the program that the families are part of.
    public let reserved: ReservedWords

    /// An empty registry.
    public init(reserved: ReservedWords = ReservedWords()) { self.reserved = reserved }

    /// A registry of the families given.
    ///
    /// - Throws: as `register`.
    public init(_ families: [any ModelFamily.Type], reserved: ReservedWords = ReservedWords()) throws {
        self.init(reserved: reserved)
        for family in families { try register(family) }
    }

    /// Adds a family.
    ///
    /// - Parameters:
    ///   - plugin: the path of the plugin that brings it; nil if it is compiled in.
    ///   - isKnownGood: whether its options were compared with the program's before. The comparison takes a millisecond or
    ///     two, which a program need not spend on its own families at every start, where a test does it.
    /// - Throws: `GeneraError.duplicateFamily` if its name is taken, `GeneraError.software` if the name is not a word of
    ///   lower-case letters, digits and hyphens, or its options or verbs collide with the program's.
    public mutating func register(
        _ family: any ModelFamily.Type, plugin: String? = nil, isKnownGood: Bool = false
    ) throws {
        guard Self.isWord(family.name) else {
            throw GeneraError.software(
                "'\(family.name)' cannot name a model family: use lower-case letters, digits and hyphens, a letter first."
            )
        }
        guard table[family.name] == nil else { throw GeneraError.duplicateFamily(family.name) }
        guard !reserved.commands.contains(family.name) else {
            throw GeneraError.software(
                "A model family cannot be called '\(family.name)': the program has a command of that name.")
        }
        if !isKnownGood { try reserved.check(family) }
        table[family.name] = family
        origins[family.name] = plugin
    }

    /// Compares the options and verbs of all families with the program's, also of those that were registered as known good.
    ///
    /// - Throws: `GeneraError.software` that names the option and both places.
    public func verify() throws {
        for family in families { try reserved.check(family) }
    }

    /// Whether a text is a word of lower-case letters, digits and hyphens, a letter first.
    static func isWord(_ text: String) -> Bool {
        text.utf8.first.map { (97...122).contains($0) } == true
            && text.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 45 }
    }

    /// Whether a name is taken.
    public func has(_ name: String) -> Bool { table[name] != nil }

    /// The path of the plugin that brought a family; nil for one that is compiled in.
    public func plugin(of name: String) -> String? { origins[name] }

    /// The paths of the plugins that families came from.
    public var plugins: Set<String> { Set(origins.values) }

    /// The family of a name.
    ///
    /// - Throws: `GeneraError.unknownFamily` with the nearest name.
    public func family(named name: String) throws -> any ModelFamily.Type {
        guard let family = table[name] else {
            let known = table.keys.sorted()
            throw GeneraError.unknownFamily(name, known: known, nearest: nearestName(to: name, in: known))
        }
        return family
    }

    /// All families, sorted by name.
    public var families: [any ModelFamily.Type] { table.values.sorted { $0.name < $1.name } }

    /// The families that draw, sorted by name.
    public var sampling: [any SamplingFamily.Type] { families.compactMap { $0 as? any SamplingFamily.Type } }

    /// The families that learn, sorted by name.
    public var training: [any TrainingFamily.Type] { families.compactMap { $0 as? any TrainingFamily.Type } }

    /// The family of a name, which has to draw.
    ///
    /// - Throws: `GeneraError.unknownFamily` with the nearest name, `unavailable` for one that does not draw.
    public func sampling(named name: String) throws -> any SamplingFamily.Type {
        let family = try family(named: name)
        guard let sampling = family as? any SamplingFamily.Type else {
            throw GeneraError.unavailable("\(name) draws no samples.")
        }
        return sampling
    }

    /// The family of a name, which has to learn.
    ///
    /// - Throws: `GeneraError.unknownFamily` with the nearest name, `unavailable` for one that does not learn.
    public func training(named name: String) throws -> any TrainingFamily.Type {
        let family = try family(named: name)
        guard let training = family as? any TrainingFamily.Type else {
            throw GeneraError.unavailable("\(name) cannot be trained with Genera.")
        }
        return training
    }
}
