import ArgumentParser
import Formats
import Genera

/// A family's verb as a command.
struct VerbCommand<Family: ModelFamily, V: Verb>: ParsableCommand {
    static var configuration: CommandConfiguration {
        let discussion = [V.discussion, V.examples.isEmpty ? "" : Examples.text(V.examples)].filter { !$0.isEmpty }
        return CommandConfiguration(
            commandName: V.name, abstract: V.summary, discussion: discussion.joined(separator: "\n\n"))
    }

    @OptionGroup var verb: V
    @OptionGroup(title: "Talk") var talk: TalkOptions
    @OptionGroup(title: "Configuration") var configuration: ConfigurationOption

    func run() throws {
        let stop = StopToken.onSignals()
        let run = try context(progress: TerminalProgress.sink(talk), stop: stop)
        let outcome = try outcome(run)
        talk.print(Self.lines(outcome, run.record.outputs), json: Self.json(outcome, run.record.outputs))
    }

    /// Does it, and gives what it says.
    ///
    /// - Throws: what the verb throws.
    func outcome(_ run: RunContext) throws -> Outcome {
        let outcome = try FamilyErrors.told(by: Family.self, run) { try verb.run(run) }
        if let source = OptionGroups.first(SourceOptions.self, in: verb), source.checkpoint != nil,
            run.record.models.isEmpty
        {
            throw GeneraError.usage("--checkpoint was given, but with these options nothing reads one.")
        }
        return outcome
    }

    /// The context that the verb's options ask for.
    ///
    /// - Throws: whatever is wrong with the device; `GeneraError.software` for options that cannot be recorded.
    func context(
        progress: any ProgressSink, stop: StopToken, sink: any ArtefactSink = ArtefactFiles()
    ) throws -> RunContext {
        let source = OptionGroups.first(SourceOptions.self, in: verb)
        let machine = OptionGroups.first(MachineOptions.self, in: verb)
        var run = RunContext(
            seed: source?.seed ?? 0, progress: progress, stop: stop, checkpoint: source?.checkpoint,
            identity: try RunIdentity.current(Family.self, verb: V.name, .repeatable(verb)), sink: sink)
        run.workers = ThisProcess.processorCount
        if let machine {
            (run.device, run.precision) = (try machine.prepared(), machine.precision)
            run.workers = machine.workerCount
        }
        return run
    }

    private static func lines(_ outcome: Outcome, _ files: [String]) -> [String] {
        let facts = FactLines.lines(outcome.facts.map { [$0.name, $0.value.text()] })
        let tables = outcome.tables.map(\.text)
        return facts + tables.flatMap { [""] + [$0] }.dropFirst(facts.isEmpty ? 1 : 0) + files
    }

    private static func json(_ outcome: Outcome, _ files: [String]) -> JSONValue {
        let tables = outcome.tables.enumerated().map { number, table in
            JSONValue.Member(table.title.isEmpty ? "table\(number + 1)" : Fact.key(table.title), table.json)
        }
        return .object(
            outcome.facts.map { JSONValue.Member($0.key, $0.value.json) } + tables
                + (files.isEmpty ? [] : [JSONValue.Member("files", .array(files.map { .string($0) }))]))
    }
}

extension VerbCommand: RecordingCommand {
    func record() throws -> OptionRecord { try OptionRecord(verb) }
}

/// Groups of options that a type includes.
enum OptionGroups {
    /// The first group of a type, however deep it lies.
    static func first<Group: ParsableArguments>(_ type: Group.Type, in options: some ParsableArguments) -> Group? {
        first(type, within: options)
    }

    private static func first<Group>(_ type: Group.Type, within options: Any) -> Group? {
        for child in Mirror(reflecting: options).children {
            guard let group = child.value as? any IncludedOptions else { continue }
            if let found = group.included as? Group ?? first(type, within: group.included) { return found }
        }
        return nil
    }
}

private protocol IncludedOptions {
    var included: Any { get }
}

extension OptionGroup: IncludedOptions {
    fileprivate var included: Any { wrappedValue }
}

extension RunIdentity {
    /// What a run of this program stands for.
    ///
    /// - Throws: `FormatError` if the plugin's file can no longer be read.
    static func current(_ family: any ModelFamily.Type, verb: String? = nil, _ options: OptionRecord) throws
        -> RunIdentity
    {
        let path = CurrentRegistry.value.plugin(of: family.name)
        let isInstalled = path.map { path in PluginFolders.standard.installed.map { path.hasPrefix("\($0)/") } ?? false
        }
        return RunIdentity(
            family: family.name, verb: verb, options: options, plugin: isInstalled == true ? nil : path,
            pluginSHA256: try path.map { try FileDigest.sha256(file: $0) },
            program: ProgramName.current == "genera" ? nil : ProgramName.current)
    }
}
