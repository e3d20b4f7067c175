import Genera

/// The family's own commands.
enum RADDVerbs {
    /// In the order of lists.
    static let all: [any Verb.Type] = [
        ScoreVerb.self, PerplexityVerb.self, GenerativePerplexityVerb.self, ExpectedLooksVerb.self,
        TokenizeVerb.self, SamplersVerb.self, TextSpeedVerb.self,
    ]
}
