import ArgumentParser
import Genera

/// `genera inspect FILE`.
struct InspectCommand: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "inspect", abstract: "Say what a file is and what is in it.",
            discussion:
                "Reads checkpoints of Genera and PyTorch, NumPy arrays, data sets and pictures. Nothing in a file is ever executed.\n\n"
                + Examples.text("genera inspect model.safetensors", "genera inspect emoji.png --json"))
    }

    @Argument(help: "A file, or a run directory.", completion: .file())
    var file: String

    @Flag(help: "Leave out the list of tensors.")
    var brief = false

    @Flag(help: "Print the result as JSON.")
    var json = false

    func run() throws {
        let report = try FileReport.read(file)
        json ? Console.result(json: Self.json(report, file).text) : Console.result(text(report))
    }

    private func text(_ report: FileReport) -> String {
        let facts = report.facts.flatMap { name, value -> [[String]] in
            let lines = value.split(separator: "\n").map(String.init)
            return lines.enumerated().map { [$0.offset == 0 ? name : "", $0.element] }
        }
        var lines = ["\(file): \(report.kind)"] + FactLines.lines(facts, indent: "  ")
        if !brief, !report.tensors.isEmpty {
            lines +=
                ["", "Tensors"]
                + FactLines.lines(
                    report.tensors.map { [$0.dtype, "\($0.shape)", Printable.name($0.name)] }, indent: "  ")
        }
        return lines.joined(separator: "\n")
    }

    private static func json(_ report: FileReport, _ file: String) -> JSONOutput {
        .object([
            ("file", .text(file)), ("kind", .text(report.kind)),
            ("facts", .object(report.facts.map { ($0.name, .text($0.value)) })),
            (
                "tensors",
                .list(
                    report.tensors.map { tensor in
                        .object([
                            ("name", .text(tensor.name)), ("shape", .list(tensor.shape.map { .integer($0) })),
                            ("dtype", .text(tensor.dtype)),
                        ])
                    })
            ),
        ])
    }
}
