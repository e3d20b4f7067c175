/// Undoes what a data set's authors did to its text.
package enum Detokeniser: String, CaseIterable, Sendable {
    case none

    package func callAsFunction(_ text: String) -> String { text }
}
