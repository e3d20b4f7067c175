import ArgumentParser
import Genera

/// A command that takes `--preset`.
protocol PresetCommand: ParsableCommand {
    /// The presets that there are.
    static var presets: [TrainingPreset] { get }

    /// The preset of a name.
    ///
    /// - Throws: `GeneraError.usage` for a name that is none.
    static func preset(named name: String) throws -> TrainingPreset

    /// The preset for words that name none; nil where there is none to choose, or nothing to choose for.
    func choice() throws -> PresetChoice?

    /// Says what was chosen, unless nothing shall be said.
    func tell(_ choice: PresetChoice)
}

extension TrainCommand: PresetCommand {
    static var presets: [TrainingPreset] { Family.presets }
    static func preset(named name: String) throws -> TrainingPreset { try Family.preset(named: name) }

    func choice() throws -> PresetChoice? {
        guard place.resume == nil, !Family.presets.isEmpty else { return nil }
        try Engine.require()
        let context = RunContext(device: settings.device, precision: settings.precision, workers: settings.workerCount)
        return try FamilyErrors.told(by: Family.self, context) { try Family.preset(for: options, context) }
    }

    func tell(_ choice: PresetChoice) {
        let purpose = Family.presets.first { $0.name == choice.name }?.purpose ?? ""
        TerminalProgress.sink(talk).report(
            .news("\(choice.reason): --preset \(choice.name) (\(purpose)). Others: see `\(helpCommand)`."))
    }

    private var helpCommand: String { ProgramName.command("train \(Family.name) --help") }

    /// The presets for the help.
    static var presetList: String {
        guard !Family.presets.isEmpty else { return "" }
        let width = Family.presets.map(\.name.count).max() ?? 0
        return (["PRESETS:"] + Family.presets.map { "  --preset \($0.name.padded(to: width))  \($0.purpose)" })
            .joined(separator: "\n")
    }
}
