import GeneraTesting
import Goldens
import Testing

@Suite("Golden cases of splat", .enabled(if: Golden.isPresent("splat")))
struct SplattingGoldenTests {
    @Test("Every case agrees with the reference")
    func cases() throws {
        let outcomes = try SplattingGoldens.runner.outcomes()
        #expect(!outcomes.isEmpty)
        for outcome in outcomes {
            #expect(outcome.failure == nil, "\(outcome)")
        }
    }
}
