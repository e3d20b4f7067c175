import Genera
import GeneraTesting
import Testing

@testable import Splatting

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Splats in a plane: what they draw, their gradients, fits and files.
struct FlatSplatsTests {
    static let kinds = FlatSplats.Form.allCases.flatMap { form in FlatSplats.Kernel.allCases.map { (form, $0) } }

    /// One splat in the middle of a pixel: its colour there, and what a Gaussian is elsewhere.
    @Test func closedForm() {
        var splats = FlatSplats(width: 21, height: 21, count: 1)
        splats[FlatSplats.Plane.form, 0] = 1.5
        splats[FlatSplats.Plane.form + 2, 0] = 2.5
        for channel in 0..<3 { splats[FlatSplats.Plane.colour + channel, 0] = 0.25 * Float(channel + 1) }
        let picture = splats.render()
        func value(_ x: Int, _ y: Int, _ channel: Int) -> Float { picture[(channel * 21 + y) * 21 + x] }
        #expect(abs(value(10, 10, 0) - 0.25) < 1e-6 && abs(value(10, 10, 2) - 0.75) < 1e-6)
        #expect(abs(value(12, 10, 1) - 0.5 * exp(-0.5)) < 1e-6)
        #expect(abs(value(10, 13, 1) - 0.5 * exp(-0.5)) < 1e-6)
        // Beyond where 1/255 is left there is nothing: 6.66 columns or 9.99 rows.
        #expect(value(16, 10, 2) > 0 && value(17, 10, 2) == 0)
        let large = splats.render(width: 63, height: 63)
        #expect(abs(large[63 * 31 + 31] - 0.25) < 1e-6 && abs(large[63 * 31 + 37] - 0.25 * exp(-0.5)) < 1e-6)
    }

    @Test(arguments: kinds)
    func equalsDefinition(_ form: FlatSplats.Form, _ kernel: FlatSplats.Kernel) {
        let (width, height) = (37, 29)
        let splats = Self.some(form, kernel, width, height)
        let target = (0..<3 * width * height).map { 0.5 + 0.2 * sin(Float($0) * 0.7) }
        let twin = FlatTwin(splats, target: target)
        let sum = twin.picture()
        let slopes = splats.parameters.indices.map { index -> Double? in
            let isUsed = kernel == .general || index / splats.stride != FlatSplats.Plane.shape
            return index % splats.stride < splats.count && isUsed ? twin.slope(at: index) : nil
        }
        for spared in 0...2 {
            let work = FlatWork(splats, width: width, height: height, target: target)
            work.sparedLevels = spared
            let error = work.render()
            #expect(zip(work.picture, sum).allSatisfy { abs(Double($0) - min(max($1, 0), 1)) < 2e-5 })
            #expect(abs(error - twin.error()) < 1e-6)
            for (index, (mine, slope)) in zip(work.gradient(), slopes).enumerated() {
                guard let slope else { continue }
                #expect(
                    abs(Double(mine) - slope) < 1e-6 + 3e-3 * abs(slope),
                    "plane \(index / splats.stride) of splat \(index % splats.stride): \(mine), \(slope)")
            }
        }
    }

    @Test func threads() throws {
        let target = Self.target(50, 41)
        func fitted(_ threads: Int) throws -> FlatSplats {
            var fit = FlatFit()
            (fit.count, fit.steps, fit.threads, fit.kernel) = (60, 120, threads, .general)
            return try fit.splats(target, width: 50, height: 41)
        }
        let one = try fitted(1)
        for threads in [2, 3] { #expect(try fitted(threads) == one) }
        #expect(one.render(threads: 1) == one.render(threads: 4))
    }

    /// All that can be chosen makes a picture better.
    @Test func choices() throws {
        let (width, height) = (48, 40)
        let target = Self.target(width, height)
        func end(_ change: (inout FlatFit) -> Void) throws -> Double {
            var fit = FlatFit()
            (fit.count, fit.steps) = (80, 250)
            change(&fit)
            var errors: [Double] = []
            let splats = try fit.splats(target, width: width, height: height) { errors.append($1) }
            #expect(splats.count == 80)
            #expect(try #require(errors.last) < errors[0] / 2)
            return try #require(errors.last)
        }
        let guided = try end { _ in }
        #expect(try end { $0.beginning = .random } > guided)
        _ = try end { $0.optimiser = .adan }
        _ = try end { $0.loss = .ssim }
        _ = try end { $0.form = .rotation }
        _ = try end { ($0.commonRate, $0.optimiser) = (0.01, .adan) }
        #expect(try end { $0.kernel = .general } < guided * 1.2)
    }

    @Test func files() throws {
        let folder = TemporaryFolder()
        for (form, kernel) in Self.kinds {
            let splats = Self.some(form, kernel, 37, 29)
            try FlatFile.write(splats, to: folder.file("a.gsi"))
            #expect(try FlatFile.read(folder.file("a.gsi")) == splats)
        }
        var fit = FlatFit()
        (fit.count, fit.steps, fit.kernel) = (60, 200, .general)
        let target = Self.target(50, 41)
        let splats = try fit.splats(target, width: 50, height: 41)
        let (coded, codes) = try fit.compact(splats, target: target)
        try FlatFile.write(coded, codes, to: folder.file("b.gsi"))
        let read = try FlatFile.read(folder.file("b.gsi"))
        #expect(read == coded)
        func error(_ splats: FlatSplats) -> Float {
            zip(splats.render(), target).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        }
        #expect(error(coded) < 4 * error(splats) + 1)
        #expect(codes.packed.count == (60 * (10 + 10 + 24 + 24 + 6) + 7) / 8)
    }

    /// Files that are not what they should be are told in a sentence.
    @Test func faults() throws {
        let folder = TemporaryFolder()
        let path = folder.file("x.gsi")
        func fault(_ tensors: [(String, RawTensor)], _ words: [String: String]) throws -> String {
            let all = [
                "genera.flat-splats": "1", "width": "4", "height": "4", "form": "cholesky", "kernel": "gaussian",
            ]
            let metadata = all.merging(words) { $1 }
            try Safetensors.write(tensors.map { (name: $0.0, tensor: $0.1) }, metadata: metadata, to: path)
            do { _ = try FlatFile.read(path) } catch { return "\(error)" }
            return ""
        }
        func plane(_ width: Int, _ value: Float = 0) -> RawTensor {
            RawTensor([Float](repeating: value, count: 3 * width), shape: [3, width])
        }
        let whole = [("position", plane(2)), ("form", plane(3)), ("colour", plane(3))]
        #expect(try fault(whole, [:]) == "")
        #expect(try fault(whole, ["genera.flat-splats": "2"]).contains("version 2"))
        #expect(try fault(whole, ["width": "0"]).contains("'width'"))
        #expect(try fault(whole, ["height": "x"]).contains("'height'"))
        #expect(try fault(whole, ["form": "round"]).contains("cholesky"))
        #expect(try fault(whole, ["kernel": "box"]).contains("general"))
        #expect(try fault(whole, ["kernel": "general"]).contains("shape"))
        #expect(try fault([("position", plane(3)), whole[1], whole[2]], [:]).contains("'position'"))
        #expect(try fault([whole[0], whole[1], ("colour", plane(3, .nan))], [:]).contains("NaN"))
        let codes = [("codes", RawTensor([UInt8](repeating: 1, count: 5), shape: [5])), ("ranges", plane(2))]
        #expect(try fault(codes, [:]).contains("'bits'"))
        let bits = ["bits": "8,8,6,6,6,8,8,8,0"]
        #expect(try fault(codes, bits).contains("'count'"))
        #expect(try fault(codes, bits.merging(["count": "3"]) { $1 }).contains("bytes"))
        #expect(try fault(codes, bits.merging(["count": "-3"]) { $1 }).contains("'count'"))
    }

    @Test func options() {
        func fault(_ words: [String]) -> String {
            do { try FitImageVerb.parse(words).validate() } catch { return FitImageVerb.message(for: error) }
            return ""
        }
        #expect(fault(["a.png", "--splats", "0"]).contains("--splats"))
        #expect(fault(["a.png", "--from", "b.gsi"]).contains("one of the two"))
        #expect(fault(["--from", "b.gsi", "--study", "5"]).contains("--study"))
        #expect(fault(["a.png", "--size", "10x"]).contains("--size"))
        #expect(fault(["a.png", "--out", "b.jpg"]).contains("--out"))
        #expect(fault(["a.png", "--study", "5,x", "--out", "b.csv"]).contains("--study"))
        #expect(fault(["a.png", "--plot", "b.png"]).contains("--plot"))
        #expect(fault(["a.png", "--out", "b.gsi", "--compact", "-n", "30"]) == "")
    }

    static func some(_ form: FlatSplats.Form, _ kernel: FlatSplats.Kernel, _ width: Int, _ height: Int) -> FlatSplats {
        var splats = FlatSplats(width: width, height: height, count: 19, form: form, kernel: kernel)
        let philox = Philox(seed: 11)
        for index in 0..<splats.count {
            func draw(_ number: UInt32) -> Float {
                Float(philox.words(at: (UInt32(index), number, 0, 0)).0 >> 8) * 0x1p-24
            }
            for axis in 0..<2 { splats[FlatSplats.Plane.position + axis, index] = 2 * draw(UInt32(axis)) - 1 }
            for plane in 0..<3 {
                splats[FlatSplats.Plane.form + plane, index] = 0.8 + 4 * draw(2 + UInt32(plane))
                splats[FlatSplats.Plane.colour + plane, index] = 0.25 * draw(5 + UInt32(plane))
            }
            if kernel == .general { splats[FlatSplats.Plane.shape, index] = 2 * draw(8) - 0.8 }
        }
        return splats
    }

    /// A disc on a slope of colour.
    static func target(_ width: Int, _ height: Int) -> [Float] {
        (0..<3 * width * height).map { index in
            let (x, y) = (Float(index % width) / Float(width), Float(index / width % height) / Float(height))
            let isInside = (x - 0.6) * (x - 0.6) + (y - 0.4) * (y - 0.4) < 0.05
            return isInside ? 0.9 : 0.2 + 0.4 * x + 0.1 * y * Float(index / (width * height))
        }
    }
}

/// Flat splats by their definition, in double precision.
private struct FlatTwin {
    let splats: FlatSplats
    let target: [Float]
    var parameters: [Double]
    /// Which splat reaches which pixel: that does not move with a small step.
    private var reach: [Bool] = []

    init(_ splats: FlatSplats, target: [Float]) {
        (self.splats, self.target) = (splats, target)
        parameters = splats.parameters.map(Double.init)
        let all = (0..<splats.count).flatMap { splat in (0..<splats.width * splats.height).map { (splat, $0) } }
        reach = all.map { value($0.0, $0.1) >= 1.0 / 255 }
    }

    private func number(_ plane: Int, _ splat: Int) -> Double { parameters[plane * splats.stride + splat] }

    private func value(_ splat: Int, _ pixel: Int) -> Double {
        let (w, h) = (splats.width, splats.height)
        let u = (tanh(number(0, splat)) + 1) / 2 * Double(w)
        let v = (tanh(number(1, splat)) + 1) / 2 * Double(h)
        let (dx, dy) = (Double(pixel % w) + 0.5 - u, Double(pixel / w) + 0.5 - v)
        let (f0, f1, f2) = (number(2, splat), number(3, splat), number(4, splat))
        let q: Double
        if splats.form == .cholesky {
            let first = dx / (f0 + 0.5)
            let second = (dy - f1 * first) / (f2 + 0.5)
            q = first * first + second * second
        } else {
            let angle = 2 * Double.pi / (1 + exp(-f2))
            let along = (cos(angle) * dx + sin(angle) * dy) / (f0 + 0.5)
            let across = (-sin(angle) * dx + cos(angle) * dy) / (f1 + 0.5)
            q = along * along + across * across
        }
        let beta = splats.kernel == .general ? 2 + number(8, splat) : 2
        return exp(-0.5 * pow(q, beta / 2))
    }

    /// The sum, `[3, height, width]`.
    func picture() -> [Double] {
        let plane = splats.width * splats.height
        var sum = [Double](repeating: 0, count: 3 * plane)
        for splat in 0..<splats.count {
            for pixel in 0..<plane where reach[splat * plane + pixel] {
                let value = value(splat, pixel)
                for channel in 0..<3 { sum[channel * plane + pixel] += number(5 + channel, splat) * value }
            }
        }
        return sum
    }

    func error() -> Double {
        zip(picture(), target).reduce(0) { total, pair in
            let difference = min(max(pair.0, 0), 1) - Double(pair.1)
            return total + difference * difference
        } / Double(target.count)
    }

    func slope(at index: Int) -> Double {
        var (above, below) = (self, self)
        above.parameters[index] += 1e-5
        below.parameters[index] -= 1e-5
        return (above.error() - below.error()) / 2e-5
    }
}
