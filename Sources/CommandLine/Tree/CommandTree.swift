import ArgumentParser
import Formats
import Genera

/// The commands of a program: those that it always has, and those of its families. The one place that knows which words
/// mean what.
struct CommandTree {
    /// The families.
    let registry: Registry

    /// The tree of the program that is running.
    static var current: CommandTree { CommandTree(registry: CurrentRegistry.value) }

    /// The commands that every program has.
    static let builtin: [any ParsableCommand.Type] = [
        ListCommand.self, SampleGroup.self, TrainGroup.self, EvaluateGroup.self, ReproduceCommand.self,
        InspectCommand.self, ConvertCommand.self, DataGroup.self, ConfigGroup.self, PluginGroup.self,
        DoctorCommand.self, CiteCommand.self,
    ]

    /// Their names, and those of the parser's own.
    static let builtinWords: [String] =
        builtin.compactMap { $0.configuration.commandName } + ["help", "generate-completion-script"]

    /// What a family does by a command that stands before its name: `genera sample FAMILY`.
    enum Action: String, CaseIterable {
        case sample, train, evaluate

        /// The family's command; nil if it does no such thing.
        func command(of family: any ModelFamily.Type) -> (any ParsableCommand.Type)? {
            switch self {
            case .sample: (family as? any SamplingFamily.Type).map { SampleGroup.command(of: $0) }
            case .train: (family as? any TrainingFamily.Type).map { TrainGroup.command(of: $0) }
            case .evaluate: (family as? any SamplingFamily.Type).map { EvaluateGroup.command(of: $0) }
            }
        }
    }

    /// The groups `genera FAMILY`.
    var familyGroups: [any ParsableCommand.Type] {
        func group<Family: ModelFamily>(_ family: Family.Type) -> any ParsableCommand.Type { FamilyGroup<Family>.self }
        return registry.families.map { group($0) }
    }

    /// The verbs that one word means without its family, which only one family claims.
    var shortCommands: [any ParsableCommand.Type] {
        claims.sorted { $0.key < $1.key }.compactMap { _, families in
            families.count == 1 ? families.first.map { Self.command(of: $0.verb, family: $0.family) } : nil
        }
    }

    /// The families that claim a short form, by its word.
    private var claims: [String: [(family: any ModelFamily.Type, verb: any Verb.Type)]] {
        var claims: [String: [(family: any ModelFamily.Type, verb: any Verb.Type)]] = [:]
        for family in registry.families {
            for verb in family.verbs where verb.hasShortForm { claims[verb.name, default: []].append((family, verb)) }
        }
        return claims
    }

    /// The command of a family's verb.
    static func command(of verb: any Verb.Type, family: any ModelFamily.Type) -> any ParsableCommand.Type {
        func command<Family: ModelFamily, V: Verb>(_ family: Family.Type, _ verb: V.Type) -> any ParsableCommand.Type {
            VerbCommand<Family, V>.self
        }
        return command(family, verb)
    }

    /// The words that may come first.
    var firstWords: [String] {
        Self.builtinWords + registry.families.map { $0.name } + claims.keys
    }

    /// The words that may follow a family's name.
    func words(after family: any ModelFamily.Type) -> [String] {
        Action.allCases.filter { $0.command(of: family) != nil }.map(\.rawValue) + family.verbs.map { $0.name }
    }

    /// A command of a family, or of a verb, and what is left of the words behind its name.
    struct Found {
        /// The command's type.
        let type: any ParsableCommand.Type
        /// The words that name it: `sample pfgmpp`, `pfgmpp optimise-schedule`.
        let name: [String]
        /// The words behind them.
        let rest: [String]
        /// The family's name.
        let family: String
    }

    /// The family's command that some words name; nil for all other commands.
    ///
    /// `genera FAMILY sample` is the same as `genera sample FAMILY`, and `genera VERB FAMILY` as `genera FAMILY VERB`.
    /// - Throws: `GeneraError.usage` and `unknownFamily` for a word that means nothing, with the nearest.
    func command(in words: [String]) throws -> Found? {
        guard let first = words.first, !first.hasPrefix("-") else { return nil }
        guard firstWords.contains(first) else {
            if let family = registry.families.first(where: { $0.verbs.contains { $0.name == first } }) {
                throw GeneraError.usage(
                    "'\(first)' is a command of a family: `\(ProgramName.current) \(family.name) \(first)`.")
            }
            throw unknown(first, among: firstWords, "There is no command")
        }
        let second = words.dropFirst().first.flatMap { $0.hasPrefix("-") ? nil : $0 }
        let rest = Array(words.dropFirst(second == nil ? 1 : 2))
        if let action = Action(rawValue: first) { return try second.flatMap { try self.action(action, of: $0, rest) } }
        if registry.has(first) { return try second.flatMap { try member($0, of: registry.family(named: first), rest) } }
        if let claims = claims[first] { return try short(first, claims, second, words) }
        if first == "cite", let second { _ = try registry.family(named: second) }
        return nil
    }

    private func action(_ action: Action, of name: String, _ rest: [String]) throws -> Found? {
        let family: any ModelFamily.Type =
            action == .train ? try registry.training(named: name) : try registry.sampling(named: name)
        return action.command(of: family).map { type in
            Found(type: type, name: [action.rawValue, name], rest: rest, family: name)
        }
    }

    private func member(_ word: String, of family: any ModelFamily.Type, _ rest: [String]) throws -> Found? {
        if word == "help" { return nil }
        if let action = Action(rawValue: word), action.command(of: family) != nil {
            return try self.action(action, of: family.name, rest)
        }
        guard let verb = family.verbs.first(where: { $0.name == word }) else {
            throw unknown(word, among: self.words(after: family), "'\(family.name)' has no command")
        }
        return Found(
            type: Self.command(of: verb, family: family), name: [family.name, word], rest: rest, family: family.name)
    }

    private func short(
        _ word: String, _ claims: [(family: any ModelFamily.Type, verb: any Verb.Type)], _ second: String?,
        _ words: [String]
    ) throws -> Found? {
        if let second, let claim = claims.first(where: { $0.family.name == second }) {
            return try member(word, of: claim.family, Array(words.dropFirst(2)))
        }
        // A word behind a verb that takes none can only be meant as a family.
        if let second, try claims.allSatisfy({ try !Self.takesWords($0.verb) }) {
            _ = try registry.family(named: second)
        }
        guard claims.count == 1, let claim = claims.first else {
            let forms = claims.map { "`\(ProgramName.current) \($0.family.name) \(word)`" }
            throw GeneraError.usage("'\(word)' could be \(forms.joined(separator: " or ")): say which.")
        }
        return Found(
            type: Self.command(of: claim.verb, family: claim.family), name: [word], rest: Array(words.dropFirst()),
            family: claim.family.name)
    }

    private static func takesWords(_ verb: any Verb.Type) throws -> Bool {
        try OptionSchema(verb).fields.contains { $0.kind == .positional }
    }

    private func unknown(_ word: String, among known: [String], _ complaint: String) -> GeneraError {
        let nearest = nearestName(to: word, in: known).map { " Did you mean '\($0)'?" } ?? ""
        let list = known.count <= 12 ? " Known: \(known.joined(separator: ", "))." : ""
        let hint = PluginHint.sentence(for: word).map { " \($0)" } ?? ""
        return .usage(
            "\(complaint) '\(word)'.\(nearest.isEmpty ? list : nearest)\(hint) See `\(ProgramName.current) --help`.")
    }
}
