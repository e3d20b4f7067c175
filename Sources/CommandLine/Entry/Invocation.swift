import Genera

extension ProgramName {
    /// A command of this program as it can be typed again, of words that are not quoted yet.
    static func command(_ words: [String]) -> String { command(words.map(Text.shellWord).joined(separator: " ")) }

    /// A command of this program as it can be typed again, with the plugins that were named: `genera --plugin moons.so train runs/a`.
    static func command(_ words: String) -> String {
        let options = ProgramOptions.current
        let plugins = options.plugin.flatMap { ["--plugin", Text.shellWord($0)] } + (options.trust ? ["--trust"] : [])
        return ([current] + plugins + [words]).joined(separator: " ")
    }
}
