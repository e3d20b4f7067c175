import Genera
import GeneraTesting

/// A case that lacks something, or has it in a form that cannot be used.
struct CaseFault: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// The tensors of a case by name, with errors for those that are missing.
struct CaseTensors {
    let names: [String]
    private let table: [String: Tensor]

    init(_ one: GoldenCase) throws {
        let file = try one.file()
        names = file.names
        table = try Dictionary(uniqueKeysWithValues: file.tensors.map { ($0.name, Tensor($0.tensor)) })
    }

    subscript(name: String) -> Tensor? { table[name] }

    func need(_ name: String) throws -> Tensor {
        guard let tensor = table[name] else { throw CaseFault("the case has no tensor '\(name)'") }
        return tensor
    }

    func numbers(_ name: String) throws -> [Double] { try need(name).array(of: Double.self) }

    /// The tensors whose names begin with `prefix`, without it.
    func below(_ prefix: String) -> [(name: String, tensor: Tensor)] {
        names.filter { $0.hasPrefix(prefix) }.map { (String($0.dropFirst(prefix.count)), table[$0]!) }
    }

    /// What stands before `suffix` in the names that end with it, each once.
    func prefixes(of suffix: String) -> [String] {
        names.filter { $0.hasSuffix(suffix) }.map { String($0.dropLast(suffix.count)) }
    }
}

/// The number behind the last `mark` of a name, for example 0.5 in `out.D_sigma_0.5`.
func number(in name: String, after mark: String) -> Double? {
    name.ranges(of: mark).last.flatMap { Double(name[$0.upperBound...]) }
}
