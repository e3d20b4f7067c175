import Genera

extension SamplingReport {
    /// The mean number of evaluations a sample, a whole number where it is one.
    var meanEvaluations: JSONOutput { Int(exactly: nfe).map { .integer($0) } ?? .number(nfe) }

    /// The same as text.
    var meanEvaluationsText: String { meanEvaluations.text }
}
