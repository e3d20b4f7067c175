import GeneraTesting
import Goldens
import Testing

@Suite("Golden cases of pfgmpp", .enabled(if: Golden.isPresent("pfgmpp")))
struct PFGMPPGoldenTests {
    @Test("Every case agrees with the reference")
    func cases() throws {
        let outcomes = try PFGMPPGoldens.runner.outcomes()
        #expect(!outcomes.isEmpty)
        for outcome in outcomes {
            #expect(outcome.failure == nil, "\(outcome)")
        }
    }
}
