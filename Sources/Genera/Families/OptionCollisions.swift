import ArgumentParser

/// The words that a program has for itself: what families may not be called, and which options stand beside theirs.
///
/// The argument parser gives the value of an option that two groups declare to the first of them and says nothing; it looks
/// for such pairs in debug builds alone. So a family whose options collide with the program's is refused when it registers.
public struct ReservedWords: Sendable {
    /// Words that neither families nor short forms of verbs can take.
    public var commands: Set<String>
    /// What stands beside a family's options in each of its commands.
    public var options: @Sendable (OptionPlace) throws -> OptionSchema

    /// Makes reserved words.
    public init(
        commands: Set<String> = ["help"],
        options: @escaping @Sendable (OptionPlace) throws -> OptionSchema = { _ in OptionSchema(fields: []) }
    ) {
        (self.commands, self.options) = (commands, options)
    }
}

/// A command of a family in which its options stand beside the program's.
public enum OptionPlace: String, Sendable, CaseIterable {
    /// `genera sample FAMILY`.
    case sample
    /// `genera evaluate FAMILY`.
    case evaluate
    /// `genera train FAMILY`.
    case train
    /// `genera FAMILY VERB`.
    case verb
}

extension ReservedWords {
    /// Refuses a family whose verbs or options collide with each other or with the program's.
    ///
    /// - Throws: `GeneraError.software` that names the option and both places.
    func check(_ family: any ModelFamily.Type) throws {
        try checkVerbs(of: family)
        if let sampling = family as? any SamplingFamily.Type {
            let own = try Self.samplingOptions(sampling)
            try check(own, of: family, in: .sample)
            try check(own, of: family, in: .evaluate)
        }
        if let training = family as? any TrainingFamily.Type {
            try check(Self.trainingOptions(training), of: family, in: .train)
        }
        for verb in family.verbs {
            try check(OptionSchema(verb), of: family, in: .verb, word: "\(family.name) \(verb.name)")
        }
    }

    private func checkVerbs(of family: any ModelFamily.Type) throws {
        var seen: Set<String> = Set(OptionPlace.allCases.map(\.rawValue) + ["help"])
        for verb in family.verbs {
            guard Registry.isWord(verb.name) else {
                throw GeneraError.software(
                    "'\(verb.name)' cannot name a command of '\(family.name)': use lower-case letters, digits and hyphens, a letter first."
                )
            }
            guard seen.insert(verb.name).inserted else {
                throw GeneraError.software("'\(family.name)' cannot have a command '\(verb.name)': the word is taken.")
            }
            guard !verb.hasShortForm || !commands.contains(verb.name) else {
                throw GeneraError.software(
                    "The command '\(verb.name)' of '\(family.name)' cannot have a short form: the program has a command of that name."
                )
            }
        }
    }

    private static func samplingOptions<F: SamplingFamily>(_ family: F.Type) throws -> OptionSchema {
        try OptionSchema(F.SamplingOptions.self)
    }

    private static func trainingOptions<F: TrainingFamily>(_ family: F.Type) throws -> OptionSchema {
        try OptionSchema(F.TrainingOptions.self)
    }

    private func check(
        _ own: OptionSchema, of family: any ModelFamily.Type, in place: OptionPlace, word: String? = nil
    ) throws {
        let command = word ?? "\(place.rawValue) \(family.name)"
        let tokens = own.fields.filter { $0.kind != .positional }.flatMap(\.tokens)
        let twice = Dictionary(grouping: tokens) { $0 }.filter { $0.value.count > 1 }.keys.min()
        if let twice {
            throw GeneraError.software("'\(family.name)' declares \(twice) twice among its options of `\(command)`.")
        }
        let taken = Set(try options(place).fields.flatMap(\.tokens))
        guard let token = tokens.first(where: { taken.contains($0) }) else { return }
        throw GeneraError.software(
            "'\(family.name)' declares \(token), which every `\(command)` has already. Give the option another name.")
    }
}
