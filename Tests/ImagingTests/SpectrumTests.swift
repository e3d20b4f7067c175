import Testing

@testable import Imaging

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The discrete Fourier transform by its definition.
struct PlainTransform: FourierTransform2D {
    func forward(_ field: [Double], height: Int, width: Int) -> HalfPlane {
        var plane = HalfPlane(height: height, width: width)
        for row in 0..<height {
            for column in 0..<plane.columns {
                for (index, value) in field.enumerated() {
                    let angle = phase(row, column, index, height, width)
                    plane.real[row * plane.columns + column] += value * cos(angle)
                    plane.imaginary[row * plane.columns + column] -= value * sin(angle)
                }
            }
        }
        return plane
    }

    func inverse(_ plane: HalfPlane) -> [Double] {
        (0..<plane.height * plane.width).map { index in
            var sum = 0.0
            for row in 0..<plane.height {
                for column in 0..<plane.columns {
                    let angle = phase(row, column, index, plane.height, plane.width)
                    let entry = row * plane.columns + column
                    let term = plane.real[entry] * cos(angle) - plane.imaginary[entry] * sin(angle)
                    sum += plane.weight(ofColumn: column) * term
                }
            }
            return sum / Double(plane.height * plane.width)
        }
    }

    private func phase(_ row: Int, _ column: Int, _ index: Int, _ height: Int, _ width: Int) -> Double {
        2 * .pi * (Double(row * (index / width)) / Double(height) + Double(column * (index % width)) / Double(width))
    }
}

let shapes = [(1, 1), (4, 4), (5, 7), (8, 6), (7, 8), (1, 9), (10, 1)]

private func noise(_ count: Int) -> [Double] {
    var dice = Dice(seed: 3)
    return (0..<count).map { _ in dice.normal() }
}

private func gap(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).map { abs($0 - $1) }.max() ?? 0 }

@Suite struct SpectrumTests {
    @Test("The spectrum holds the sum of squares (Parseval) and counts every entry", arguments: shapes)
    func parseval(height: Int, width: Int) throws {
        let field = noise(height * width)
        let spectrum = try Spectrum(of: field, height: height, width: width, by: PlainTransform())
        let energy = zip(spectrum.power, spectrum.counts).map(*).reduce(0, +)
        #expect(abs(energy - field.map { $0 * $0 }.reduce(0, +)) < 1e-9 * Double(field.count))
        #expect(spectrum.counts.reduce(0, +) == Double(height * width))
    }

    @Test("A wave has its power at its frequency")
    func wave() throws {
        let field = (0..<16 * 16).map { cos(2 * .pi * 3 * Double($0 % 16) / 16) }
        let spectrum = try Spectrum(of: field, height: 16, width: 16, by: PlainTransform())
        let peak = spectrum.power.indices.max { spectrum.power[$0] < spectrum.power[$1] }
        #expect(peak == 3 && abs(spectrum.frequencies[3] - 3.0 / 16) < 0.02)
    }

    @Test("Low and high pass add up to the field, and a low pass keeps the mean")
    func filters() throws {
        let field = noise(9 * 12)
        let transform = PlainTransform()
        let low = try GaussianFilter(sigma: 1.5, pass: .low).apply(to: field, height: 9, width: 12, by: transform)
        let high = try GaussianFilter(sigma: 1.5, pass: .high).apply(to: field, height: 9, width: 12, by: transform)
        #expect(gap(zip(low, high).map(+), field) < 1e-10)
        #expect(abs(low.reduce(0, +) - field.reduce(0, +)) < 1e-9 && abs(high.reduce(0, +)) < 1e-9)
    }

    #if FFTW
        @Test("FFTW agrees with the definition, forwards and back", arguments: shapes)
        func fftw(height: Int, width: Int) throws {
            let field = noise(height * width)
            let (plain, fast) = (PlainTransform().forward(field, height: height, width: width), FFTWTransform())
            let plane = try fast.forward(field, height: height, width: width)
            #expect(gap(plane.real, plain.real) < 1e-10 && gap(plane.imaginary, plain.imaginary) < 1e-10)
            #expect(try gap(fast.inverse(plane), field) < 1e-12)
            #expect(gap(PlainTransform().inverse(plain), field) < 1e-11)
        }

        @Test("FFTW gives every thread the same")
        func threads() async throws {
            let field = noise(32 * 32)
            let expected = try FFTWTransform().forward(field, height: 32, width: 32)
            try await withThrowingTaskGroup(of: HalfPlane.self) { group in
                for _ in 0..<32 { group.addTask { try FFTWTransform().forward(field, height: 32, width: 32) } }
                for try await plane in group { #expect(plane == expected) }
            }
        }
    #endif
}
