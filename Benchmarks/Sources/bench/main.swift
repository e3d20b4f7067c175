// Figures for docs/Performance.md: `make bench` prints them as Markdown. Names of parts as arguments choose among them.
import Foundation
import Genera

let arguments = Array(CommandLine.arguments.dropFirst())
if arguments.first == "worker" {
    try Worker(Array(arguments.dropFirst())).serve()
    exit(0)
}
if arguments.first == "trainer" {
    try Trainer(Array(arguments.dropFirst())).serve()
    exit(0)
}
let parts: [(name: String, run: () throws -> Void)] = [
    ("tiny", tinyOperations), ("functions", ownFunctions), ("noise", noise), ("core", coreShare), ("threads", threads),
    ("evaluation", evaluation), ("images", images), ("training", training),
]
let unknown = arguments.filter { argument in !parts.contains { $0.name == argument } }
guard unknown.isEmpty else {
    FileHandle.standardError.write(
        Data(
            "bench: no part \(unknown.joined(separator: ", ")); there are \(parts.map(\.name).joined(separator: ", "))\n"
                .utf8))
    exit(64)
}
Engine.setIntraOpThreads(1)
let information = try Engine.information()
print(
    "LibTorch \(information.torchVersion), \(information.capability), \(ProcessInfo.processInfo.activeProcessorCount) cores"
)
for part in parts where arguments.isEmpty || arguments.contains(part.name) { try part.run() }
