import Tensors

/// Samples as they are drawn, and what is measured of each at once.
struct DrawnSamples<Sample: Measurable> {
    private let driver: EvaluationDriver<Sample>
    private let real: EvaluationReference<Sample>
    private let request: SamplingRequest
    /// The place of each index in the request.
    private let places: [Int: Int]
    /// Their indices so far.
    private(set) var indices: [Int] = []
    /// The samples so far, if measures of sets ask for them.
    private(set) var samples: [Sample] = []
    /// The real samples that they belong to, if measures of sets ask for them.
    private var counterparts: [Sample] = []
    /// The values of each measure of pairs, by its number among all.
    private(set) var values: [Int: [Double]] = [:]

    init(driver: EvaluationDriver<Sample>, real: EvaluationReference<Sample>, request: SamplingRequest) {
        (self.driver, self.real, self.request) = (driver, real, request)
        places = Dictionary(zip(request.indices, request.indices.indices)) { first, _ in first }
    }

    /// The measures that compare sets.
    var setMeasures: [Measure<Sample>] { driver.measures.filter { !$0.criterion.isPaired } }

    /// The real samples that sets are compared with.
    var judge: [Sample] { real.counterparts != nil ? counterparts : real.isOfStatistics ? samples : real.judge }

    /// Takes samples that were just drawn.
    ///
    /// - Throws: `GeneraError.badData` if the real ones are of another shape; errors of the measures of pairs.
    mutating func take(_ indices: [Int], _ samples: [Sample]) throws {
        guard let first = samples.first else { return }
        let keeps = !setMeasures.isEmpty
        if let find = real.counterparts {
            let counterparts = try find(request.noise(of: indices), indices.map { places[$0] ?? 0 })
            guard counterparts.count == samples.count else {
                throw GeneraError.software(
                    "\(counterparts.count) real samples were found for \(samples.count) drawn ones.")
            }
            if self.indices.isEmpty { try driver.requireSameShape(first, counterparts.first, real.origin) }
            try measure(samples, counterparts)
            if keeps { self.counterparts += counterparts }
        } else if self.indices.isEmpty {
            try driver.requireSameShape(first, real.judge.first, real.origin)
        }
        self.indices += indices
        if keeps { self.samples += samples }
    }

    private mutating func measure(_ samples: [Sample], _ counterparts: [Sample]) throws {
        let measures = driver.measures
        for number in measures.indices where measures[number].criterion.isPaired {
            values[number, default: []] += try Parallel.map(samples.count, workers: driver.settings.workers) { place in
                Engine.setIntraOpThreads(1)
                return try inferenceMode { try measures[number].value(samples[place], counterparts[place]) ?? .nan }
            }
        }
    }

    /// The mean of a measure of pairs, with the interval that halves of the pairs give.
    func estimate(of number: Int, seed: UInt64) -> Estimate {
        let all = values[number] ?? []
        guard !all.isEmpty else { return Estimate(.nan) }
        func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
        let (settings, criterion) = (driver.settings, driver.measures[number].criterion)
        let halves = all.count < 2 ? [] : HalfSampling.pairs(settings.halves, of: all.count, seed: seed)
        return Estimate(mean(all), halves: halves.map { half in mean(half.map { all[$0] }) }, of: criterion, settings)
    }
}
