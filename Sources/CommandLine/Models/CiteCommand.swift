import ArgumentParser
import Genera

/// `genera cite`.
struct CiteCommand: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "cite", abstract: "Print the BibTeX entry of a family's paper.",
            discussion: Examples.text("genera cite pfgmpp", "genera cite >> references.bib"))
    }

    @Argument(help: "The family; all of them if left out.")
    var family: String?

    func run() throws {
        let registry = CurrentRegistry.value
        let families = try family.map { [try registry.family(named: $0)] } ?? registry.families
        Console.result(families.compactMap { $0.citation?.bibtex }.joined(separator: "\n\n"))
    }
}
