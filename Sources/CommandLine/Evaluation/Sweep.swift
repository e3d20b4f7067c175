import ArgumentParser
import Genera

/// An option and the values it takes one after another: `steps=5,10,20`.
struct Sweep: ExpressibleByArgument, Sendable {
    /// The option's name without dashes.
    let name: String
    /// The values.
    let values: [String]

    init?(argument: String) {
        guard let sign = argument.firstIndex(of: "=") else { return nil }
        name = String(argument[..<sign].drop { $0 == "-" })
        values = argument[argument.index(after: sign)...].split(separator: ",", omittingEmptySubsequences: false)
            .map(String.init)
        guard !name.isEmpty, !values.contains(""), values.count <= 1000 else { return nil }
    }

    var defaultValueDescription: String { "\(name)=\(values.joined(separator: ","))" }

    /// The values as places on an axis; nil if they are not all numbers, or not ascending.
    var numbers: [Double]? {
        let numbers = values.compactMap(Double.init)
        let ascends = zip(numbers, numbers.dropFirst()).allSatisfy { $0 < $1 }
        return numbers.count == values.count && numbers.allSatisfy(\.isFinite) && ascends ? numbers : nil
    }
}

/// One setting of a family whose samples are measured.
struct EvaluationPoint<Family: SamplingFamily> {
    /// The swept option's value; nil without a sweep.
    let value: String?
    /// The family's options.
    let options: Family.SamplingOptions
    /// Where samples come from.
    let source: SourceOptions

    /// The settings that a sweep stands for, all checked; one without a sweep.
    ///
    /// - Throws: `GeneraError.usage` for an unknown option or a value that it does not take.
    static func all(_ options: Family.SamplingOptions, _ source: SourceOptions, _ sweep: Sweep?) throws
        -> [EvaluationPoint]
    {
        guard let sweep else { return [EvaluationPoint(value: nil, options: options, source: source)] }
        let shared = try OptionSchema(SourceOptions.self)
        return try sweep.values.map { value in
            if shared.keys.contains(sweep.name) {
                let record = try OptionRecord(source).replacing(sweep.name, with: value, in: shared)
                return EvaluationPoint(
                    value: value, options: options, source: try parse(SourceOptions.self, record, sweep.name, value))
            }
            let record = try OptionRecord(options).replacing(
                sweep.name, with: value, in: OptionSchema(Family.SamplingOptions.self),
                others: shared.fields.map(\.key))
            return EvaluationPoint(
                value: value, options: try parse(Family.SamplingOptions.self, record, sweep.name, value), source: source
            )
        }
    }

    private static func parse<Options: ParsableArguments>(
        _ type: Options.Type, _ record: OptionRecord, _ name: String, _ value: String
    ) throws -> Options {
        do {
            return try Options.parse(record.arguments)
        } catch {
            throw GeneraError.usage("--sweep \(name)=\(value): \(UsageError.sentence(error))")
        }
    }
}
