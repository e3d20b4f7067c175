import GeneraTesting
import Goldens
import Testing

@Suite("Golden cases of gdss", .enabled(if: Golden.isPresent("gdss")))
struct GDSSGoldenTests {
    @Test("Every case agrees with the reference")
    func cases() throws {
        let outcomes = try GDSSGoldens.runner.outcomes()
        #expect(!outcomes.isEmpty)
        for outcome in outcomes {
            #expect(outcome.failure == nil, "\(outcome)")
        }
    }
}
