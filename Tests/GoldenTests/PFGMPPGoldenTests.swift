import GeneraTesting
import Goldens
import Testing

@Suite("Golden cases of pfgmpp", .enabled(if: Golden.isPresent("pfgmpp")))
struct PFGMPPGoldenTests {
    @Test("Every case whose kind is built agrees with the reference")
    func cases() throws {
        let outcomes = try PFGMPPGoldens.runner.outcomes()
        #expect(!outcomes.isEmpty)
        for outcome in outcomes where !PFGMPPGoldens.pending.contains(outcome.kind) {
            #expect(outcome.failure == nil, "\(outcome)")
        }
    }

    @Test("A case of a kind that is not built fails and says so")
    func pending() throws {
        for outcome in try PFGMPPGoldens.runner.outcomes(print: { _ in }) where PFGMPPGoldens.pending.contains(outcome.kind) {
            #expect(outcome.failure?.contains("not implemented yet") == true)
        }
    }
}
