// Figures for docs/Performance.md: `make bench` prints them as Markdown.
import Foundation
import Genera

Engine.setIntraOpThreads(1)
let information = try Engine.information()
print(
    "LibTorch \(information.torchVersion), \(information.capability), \(ProcessInfo.processInfo.activeProcessorCount) cores"
)
try tinyOperations()
try noise()
try coreShare()
try threads()
