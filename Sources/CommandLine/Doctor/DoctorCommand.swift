import ArgumentParser
import Genera

/// `genera doctor`.
struct DoctorCommand: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "doctor",
            abstract: "Say what was found on this machine, and what to do about what is missing.",
            discussion: Examples.text("genera doctor", "genera doctor --json"))
    }

    @Flag(help: "Print the result as JSON.")
    var json = false

    func run() throws {
        let findings = Finding.all
        json ? Console.result(json: Self.json(findings).text) : Console.result(Self.text(findings))
        if findings.contains(where: { $0.state == .missing }) { throw ExitCode(69) }
    }

    private static func text(_ findings: [Finding]) -> String {
        let lines = FactLines.lines(findings.map { [$0.state.sign, $0.name, $0.detail] })
        return zip(lines, findings).flatMap { line, finding in
            [line] + (finding.remedy.map { ["      " + $0] } ?? [])
        }.joined(separator: "\n")
    }

    private static func json(_ findings: [Finding]) -> JSONOutput {
        .object([
            ("usable", .truth(!findings.contains { $0.state == .missing })),
            (
                "findings",
                .list(
                    findings.map { finding in
                        .object([
                            ("name", .text(finding.name)), ("state", .text(finding.state.rawValue)),
                            ("detail", .text(finding.detail)),
                            ("remedy", JSONOutput(finding.remedy)),
                        ])
                    })
            ),
        ])
    }
}
