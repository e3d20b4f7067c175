import Genera
import Testing

private struct Shared: ParsableArguments {
    @Option(name: .shortAndLong) var seed = 0
    @Flag(name: .shortAndLong) var quiet = false
}

private struct Plain: ParsableArguments {
    @Option var steps = 3
}

private struct TakesSeed: ParsableArguments {
    @Option var seed = 7
}

private struct TakesQ: ParsableArguments {
    @Option(name: .customShort("q")) var quality = 1
}

private struct Twice: ParsableArguments {
    @OptionGroup var first: Plain
    @Option var steps = 4
}

private struct Walk: Verb {
    static let name = "walk", summary = "Walks."
    @Option var seed = 1
    func run(_ run: RunContext) throws -> Outcome { Outcome() }
}

private struct Run: Verb {
    static let name = "run", summary = "Runs."
    func run(_ run: RunContext) throws -> Outcome { Outcome() }
}

private struct Sample: Verb {
    static let name = "sample", summary = "Means something else."
    func run(_ run: RunContext) throws -> Outcome { Outcome() }
}

private struct Jump: Verb {
    static let name = "list", summary = "Jumps.", hasShortForm = true
    func run(_ run: RunContext) throws -> Outcome { Outcome() }
}

private enum Drawing<Options: ParsableArguments & Sendable>: SamplingFamily {
    static var name: String { "drawing" }
    static var summary: String { "Draws." }
    static func sampler(_ options: Options, _ run: RunContext) throws -> any Sampler { ToySampler() }
}

private enum Doing<First: Verb, Second: Verb>: ModelFamily {
    static var name: String { "doing" }
    static var summary: String { "Does." }
    static var verbs: [any Verb.Type] { [First.self, Second.self] }
}

@Suite("Options of families beside those of the program")
struct CollisionTests {
    private let reserved = ReservedWords(commands: ["list", "help"]) { _ in try OptionSchema(Shared.self) }

    private func refusal(_ family: any ModelFamily.Type) -> String? {
        let error = #expect(throws: GeneraError.self) {
            var registry = Registry(reserved: reserved)
            try registry.register(family)
        }
        return error?.description
    }

    @Test("Options of its own are welcome")
    func plain() throws {
        let registry = try Registry([Drawing<Plain>.self, Doing<Run, Run>.self].dropLast(), reserved: reserved)
        #expect(registry.sampling.count == 1)
    }

    @Test("A long or short name that the program has is refused, with the command that has it")
    func taken() {
        #expect(refusal(Drawing<TakesSeed>.self)?.contains("--seed, which every `sample drawing` has") == true)
        #expect(refusal(Drawing<TakesQ>.self)?.contains("-q, which every `sample drawing` has") == true)
        #expect(refusal(Doing<Walk, Run>.self)?.contains("--seed, which every `doing walk` has") == true)
    }

    @Test("Words of verbs that are taken are refused")
    func verbs() {
        #expect(refusal(Doing<Run, Run>.self)?.contains("'run': the word is taken") == true)
        #expect(refusal(Doing<Sample, Run>.self)?.contains("'sample': the word is taken") == true)
        #expect(refusal(Doing<Jump, Run>.self)?.contains("cannot have a short form") == true)
    }

    @Test("A family cannot be called as a command")
    func name() {
        let words = ReservedWords(commands: ["drawing"])
        #expect(throws: GeneraError.self) { try Registry([Drawing<Plain>.self], reserved: words) }
    }

    // In debug builds the parser ends the program at such pairs by itself.
    #if !DEBUG
        @Test("The same name twice in one family's options is refused")
        func twice() {
            #expect(refusal(Drawing<Twice>.self)?.contains("--steps twice") == true)
        }

        /// Why the registry has to look: in release builds the parser says nothing.
        @Test("The parser itself gives a value to the first of two options of one name")
        func silence() throws {
            struct Both: ParsableArguments {
                @OptionGroup var family: TakesSeed
                @OptionGroup var program: Shared
            }
            let both = try Both.parse(["--seed", "5"])
            #expect(both.family.seed == 5 && both.program.seed == 0)
        }
    #endif
}
