# Made by fmprof plot --script. Draw it: gnuplot FILE
set output 'overlay.svg'
set encoding utf8
set terminal svg rounded size 1200,700 noenhanced background rgb '#ffffff' font 'DejaVu Sans,12'
set lmargin at screen 0.07
set rmargin at screen 0.7152
set bmargin at screen 0.08857143
set tmargin at screen 0.8885714
unset key
set border 1 lw 1.2 lc rgb '#cfd6db'
set grid ytics lt 1 lw 1 lc rgb '#dde3e7' dt solid back
set xrange [0.2:3.8]
set yrange [1.033423755:2.947900498]
set xtics nomirror out scale 0.5 format '%.10g' tc rgb '#66737d' 0.5,0.5,3.8000005 font 'DejaVu Sans,12'
set ytics nomirror scale 0 format '%.7g' tc rgb '#66737d' ('20' 1.301029996, '50' 1.698970004, '100' 2, '200' 2.301029996) font 'DejaVu Sans,12'
set label '2 recordings: demo.dat, other.dat' at screen 0.07,0.96 left noenhanced front tc rgb '#263238' font 'DejaVu Sans:Bold,17'
set label 'peak 480.0 MiB · 3.600 s from 200 ms · 4 calls' at screen 0.07,0.9242857 left noenhanced front tc rgb '#66737d' font 'DejaVu Sans,13'
set label 'time (s)' at screen 0.3926,0.02857143 center noenhanced front tc rgb '#66737d' font 'DejaVu Sans,12.5'
set label 'memory (MiB)' at screen 0.015,0.4614286 center rotate by 90 noenhanced tc rgb '#66737d' font 'DejaVu Sans,12.5'
set arrow from screen 0.7352,0.8628571 to screen 0.7552,0.8628571 nohead lw 2 dt solid lc rgb '#2f3e48' front
set label 'demo.dat' at screen 0.7635333,0.8742857 left noenhanced front tc rgb '#263238' font 'DejaVu Sans,13'
set label 'peak 480.0 MiB, 3.600 s' at screen 0.7635333,0.8514286 left noenhanced front tc rgb '#66737d' font 'DejaVu Sans,12'
set object rectangle from screen 0.7352,0.7985714 to screen 0.7552,0.8214286 fc rgb '#f0c7a6' fs solid noborder
set arrow from screen 0.7352,0.7985714 to screen 0.7352,0.8214286 nohead lw 2 dt solid lc rgb '#d55e00' front
set arrow from screen 0.7352,0.7985714 to screen 0.7393667,0.7985714 nohead lw 2 dt solid lc rgb '#d55e00' front
set arrow from screen 0.7352,0.8214286 to screen 0.7393667,0.8214286 nohead lw 2 dt solid lc rgb '#d55e00' front
set arrow from screen 0.7552,0.7985714 to screen 0.7552,0.8214286 nohead lw 2 dt solid lc rgb '#d55e00' front
set arrow from screen 0.7552,0.7985714 to screen 0.7510333,0.7985714 nohead lw 2 dt solid lc rgb '#d55e00' front
set arrow from screen 0.7552,0.8214286 to screen 0.7510333,0.8214286 nohead lw 2 dt solid lc rgb '#d55e00' front
set label 'my_func1' at screen 0.7635333,0.8214286 left noenhanced front tc rgb '#263238' font 'DejaVu Sans,13'
set label '1 call, 1.204 s, +150.0 MiB, peak 160.0 MiB' at screen 0.7635333,0.7985714 left noenhanced front tc rgb '#66737d' font 'DejaVu Sans,12'
set object rectangle from screen 0.7352,0.7457143 to screen 0.7552,0.7685714 fc rgb '#a6cee4' fs solid noborder
set arrow from screen 0.7352,0.7457143 to screen 0.7352,0.7685714 nohead lw 2 dt solid lc rgb '#0072b2' front
set arrow from screen 0.7352,0.7457143 to screen 0.7393667,0.7457143 nohead lw 2 dt solid lc rgb '#0072b2' front
set arrow from screen 0.7352,0.7685714 to screen 0.7393667,0.7685714 nohead lw 2 dt solid lc rgb '#0072b2' front
set arrow from screen 0.7552,0.7457143 to screen 0.7552,0.7685714 nohead lw 2 dt solid lc rgb '#0072b2' front
set arrow from screen 0.7552,0.7457143 to screen 0.7510333,0.7457143 nohead lw 2 dt solid lc rgb '#0072b2' front
set arrow from screen 0.7552,0.7685714 to screen 0.7510333,0.7685714 nohead lw 2 dt solid lc rgb '#0072b2' front
set label 'my_func2' at screen 0.7635333,0.7685714 left noenhanced front tc rgb '#263238' font 'DejaVu Sans,13'
set label '1 call, 1.500 s, +468.0 MiB, peak 480.0 MiB' at screen 0.7635333,0.7457143 left noenhanced front tc rgb '#66737d' font 'DejaVu Sans,12'
set arrow from screen 0.7352,0.7042857 to screen 0.7552,0.7042857 nohead lw 2 dt (9,6) lc rgb '#7a3fa8' front
set label 'other.dat' at screen 0.7635333,0.7157143 left noenhanced front tc rgb '#263238' font 'DejaVu Sans,13'
set label 'peak 240.0 MiB, 3.600 s' at screen 0.7635333,0.6928571 left noenhanced front tc rgb '#66737d' font 'DejaVu Sans,12'
set object rectangle from screen 0.7352,0.64 to screen 0.7552,0.6628571 fc rgb '#f0c7a6' fs solid noborder
set arrow from screen 0.7352,0.64 to screen 0.7352,0.6628571 nohead lw 2 dt solid lc rgb '#d55e00' front
set arrow from screen 0.7352,0.64 to screen 0.7393667,0.64 nohead lw 2 dt solid lc rgb '#d55e00' front
set arrow from screen 0.7352,0.6628571 to screen 0.7393667,0.6628571 nohead lw 2 dt solid lc rgb '#d55e00' front
set arrow from screen 0.7552,0.64 to screen 0.7552,0.6628571 nohead lw 2 dt solid lc rgb '#d55e00' front
set arrow from screen 0.7552,0.64 to screen 0.7510333,0.64 nohead lw 2 dt solid lc rgb '#d55e00' front
set arrow from screen 0.7552,0.6628571 to screen 0.7510333,0.6628571 nohead lw 2 dt solid lc rgb '#d55e00' front
set label 'my_func1' at screen 0.7635333,0.6628571 left noenhanced front tc rgb '#263238' font 'DejaVu Sans,13'
set label '1 call, 1.204 s, +150.0 MiB, peak 160.0 MiB' at screen 0.7635333,0.64 left noenhanced front tc rgb '#66737d' font 'DejaVu Sans,12'
set object rectangle from screen 0.7352,0.5871429 to screen 0.7552,0.61 fc rgb '#a6cee4' fs solid noborder
set arrow from screen 0.7352,0.5871429 to screen 0.7352,0.61 nohead lw 2 dt solid lc rgb '#0072b2' front
set arrow from screen 0.7352,0.5871429 to screen 0.7393667,0.5871429 nohead lw 2 dt solid lc rgb '#0072b2' front
set arrow from screen 0.7352,0.61 to screen 0.7393667,0.61 nohead lw 2 dt solid lc rgb '#0072b2' front
set arrow from screen 0.7552,0.5871429 to screen 0.7552,0.61 nohead lw 2 dt solid lc rgb '#0072b2' front
set arrow from screen 0.7552,0.5871429 to screen 0.7510333,0.5871429 nohead lw 2 dt solid lc rgb '#0072b2' front
set arrow from screen 0.7552,0.61 to screen 0.7510333,0.61 nohead lw 2 dt solid lc rgb '#0072b2' front
set label 'my_func2' at screen 0.7635333,0.61 left noenhanced front tc rgb '#263238' font 'DejaVu Sans,13'
set label '1 call, 1.500 s, +228.0 MiB, peak 240.0 MiB' at screen 0.7635333,0.5871429 left noenhanced front tc rgb '#66737d' font 'DejaVu Sans,12'
$curve << EOD
0.2 1.425969
1 2.20412
1.6 2.20412
1.71 1.079181
2.5 2.681241
3.4 2.681241
3.8 2.228742
EOD
$bands << EOD
0.5 1.704 1.033424 2.888073 13983232
0.5 1.704 1.033424 2.823118 13983232
2 3.5 1.033424 2.888073 29362
2 3.5 1.033424 2.823118 29362
EOD
$cells << EOD
0.5 1.704 2.888073 2.942772 15779750
0.5 1.704 2.823118 2.877817 15779750
2 3.5 2.888073 2.942772 10931940
2 3.5 2.823118 2.877817 10931940
EOD
$line1 << EOD
0.2 1.425969
1 2.20412
1.6 2.20412
1.71 1.079181
2.5 2.380211
3.4 2.380211
3.8 1.951014
EOD
$ends3 << EOD
2.027898 1.120206
2 1.120206
2 1.038157
2.027898 1.038157

2.027898 2.877817
2 2.877817
2 2.823118
2.027898 2.823118

3.472102 1.187153
3.5 1.187153
3.5 1.105104
3.472102 1.105104

3.472102 2.877817
3.5 2.877817
3.5 2.823118
3.472102 2.823118

EOD
$ends2 << EOD
0.5278983 1.118891
0.5 1.118891
0.5 1.036842
0.5278983 1.036842

0.5278983 2.877817
0.5 2.877817
0.5 2.823118
0.5278983 2.823118

1.676102 1.120206
1.704 1.120206
1.704 1.038157
1.676102 1.038157

1.676102 2.877817
1.704 2.877817
1.704 2.823118
1.676102 2.823118

EOD
$ends1 << EOD
2.027898 1.120206
2 1.120206
2 1.038157
2.027898 1.038157

2.027898 2.942772
2 2.942772
2 2.888073
2.027898 2.888073

3.472102 1.187153
3.5 1.187153
3.5 1.105104
3.472102 1.105104

3.472102 2.942772
3.5 2.942772
3.5 2.888073
3.472102 2.888073

EOD
$ends0 << EOD
0.5278983 1.118891
0.5 1.118891
0.5 1.036842
0.5278983 1.036842

0.5278983 2.942772
0.5 2.942772
0.5 2.888073
0.5278983 2.888073

1.676102 1.120206
1.704 1.120206
1.704 1.038157
1.676102 1.038157

1.676102 2.942772
1.704 2.942772
1.704 2.888073
1.676102 2.888073

EOD
set label 'my_func1' at screen 0.1296,0.875 left noenhanced front tc rgb '#263238' font 'DejaVu Sans,12'
set label 'my_func1' at screen 0.1296,0.8478571 left noenhanced front tc rgb '#263238' font 'DejaVu Sans,12'
set label 'my_func2' at screen 0.3984333,0.875 left noenhanced front tc rgb '#263238' font 'DejaVu Sans,12'
set label 'my_func2' at screen 0.3984333,0.8478571 left noenhanced front tc rgb '#263238' font 'DejaVu Sans,12'
set label 'demo.dat' at screen 0.065,0.875 right noenhanced front tc rgb '#66737d' font 'DejaVu Sans,10.5'
set label 'other.dat' at screen 0.065,0.8478571 right noenhanced front tc rgb '#66737d' font 'DejaVu Sans,10.5'
set label 'peak 480.0 MiB' at screen 0.4349518,0.7942857 left noenhanced front tc rgb '#4a5760' font 'DejaVu Sans:Bold,13'
set arrow from first 0.2,2.681241237 to first 3.8,2.681241237 nohead lw 1.2 dt (14,9) lc rgb '#4a5760'
set arrow from first 2.5,1.033423755 to first 2.5,2.681241237 nohead lw 1.2 dt (14,9) lc rgb '#4a5760'
BASE = 1.033423755
PEAK_X = 2.5
PEAK_Y = 2.681241237
plot NaN notitle, $bands using 1:3:1:2:3:4:5 with boxxyerror lc rgb variable fs transparent solid 0.05 noborder, $cells using 1:3:1:2:3:4:5 with boxxyerror lc rgb variable fs solid noborder, $curve using 1:2 with lines lw 2 lc rgb '#2f3e48', $line1 using 1:2 with lines lw 2 dt (9,6) lc rgb '#7a3fa8', $ends3 using 1:2 with lines lw 5 lc rgb '#60ffffff', $ends3 using 1:2 with lines lw 2.5 dt solid lc rgb '#0072b2', $ends2 using 1:2 with lines lw 5 lc rgb '#60ffffff', $ends2 using 1:2 with lines lw 2.5 dt solid lc rgb '#d55e00', $ends1 using 1:2 with lines lw 5 lc rgb '#60ffffff', $ends1 using 1:2 with lines lw 2.5 dt solid lc rgb '#0072b2', $ends0 using 1:2 with lines lw 5 lc rgb '#60ffffff', $ends0 using 1:2 with lines lw 2.5 dt solid lc rgb '#d55e00', '+' every ::::0 using (PEAK_X):(PEAK_Y) with points pt 7 ps 0.8 lc rgb '#2f3e48'
