# Made by fmprof plot --script. Draw it: gnuplot FILE
set output 'brackets.svg'
set encoding utf8
set terminal svg rounded size 1200,700 noenhanced background rgb '#ffffff' font 'DejaVu Sans,12'
set lmargin at screen 0.07
set rmargin at screen 0.7152
set bmargin at screen 0.08857143
set tmargin at screen 0.8885714
unset key
set border 1 lw 1.2 lc rgb '#cfd6db'
set grid ytics lt 1 lw 1 lc rgb '#dde3e7' dt solid back
set xrange [0:4]
set yrange [0:536.7504988]
set xtics nomirror out scale 0.5 format '%.10g' tc rgb '#66737d' 0,0.5,4.0000005 font 'DejaVu Sans,12'
set ytics nomirror scale 0 format '%.7g' tc rgb '#66737d' 0,100,480.2000998 font 'DejaVu Sans,12'
set label './demo 10 480' at screen 0.07,0.96 left noenhanced front tc rgb '#263238' font 'DejaVu Sans:Bold,17'
set label 'peak 480.2 MiB · 4.000 s · 2 calls' at screen 0.07,0.9242857 left noenhanced front tc rgb '#66737d' font 'DejaVu Sans,13'
set label 'time (s)' at screen 0.3926,0.02857143 center noenhanced front tc rgb '#66737d' font 'DejaVu Sans,12.5'
set label 'memory (MiB)' at screen 0.015,0.475 center rotate by 90 noenhanced tc rgb '#66737d' font 'DejaVu Sans,12.5'
set object rectangle from screen 0.7352,0.8514286 to screen 0.7552,0.8742857 fc rgb '#f0c7a6' fs solid noborder
set arrow from screen 0.7352,0.8514286 to screen 0.7352,0.8742857 nohead lw 2 dt solid lc rgb '#d55e00' front
set arrow from screen 0.7352,0.8514286 to screen 0.7393667,0.8514286 nohead lw 2 dt solid lc rgb '#d55e00' front
set arrow from screen 0.7352,0.8742857 to screen 0.7393667,0.8742857 nohead lw 2 dt solid lc rgb '#d55e00' front
set arrow from screen 0.7552,0.8514286 to screen 0.7552,0.8742857 nohead lw 2 dt solid lc rgb '#d55e00' front
set arrow from screen 0.7552,0.8514286 to screen 0.7510333,0.8514286 nohead lw 2 dt solid lc rgb '#d55e00' front
set arrow from screen 0.7552,0.8742857 to screen 0.7510333,0.8742857 nohead lw 2 dt solid lc rgb '#d55e00' front
set label 'my_func1' at screen 0.7635333,0.8742857 left noenhanced front tc rgb '#263238' font 'DejaVu Sans,13'
set label '1 call, 1.204 s, +150.0 MiB, peak 160.0 MiB' at screen 0.7635333,0.8514286 left noenhanced front tc rgb '#66737d' font 'DejaVu Sans,12'
set object rectangle from screen 0.7352,0.7985714 to screen 0.7552,0.8214286 fc rgb '#a6cee4' fs solid noborder
set arrow from screen 0.7352,0.7985714 to screen 0.7352,0.8214286 nohead lw 2 dt solid lc rgb '#0072b2' front
set arrow from screen 0.7352,0.7985714 to screen 0.7393667,0.7985714 nohead lw 2 dt solid lc rgb '#0072b2' front
set arrow from screen 0.7352,0.8214286 to screen 0.7393667,0.8214286 nohead lw 2 dt solid lc rgb '#0072b2' front
set arrow from screen 0.7552,0.7985714 to screen 0.7552,0.8214286 nohead lw 2 dt solid lc rgb '#0072b2' front
set arrow from screen 0.7552,0.7985714 to screen 0.7510333,0.7985714 nohead lw 2 dt solid lc rgb '#0072b2' front
set arrow from screen 0.7552,0.8214286 to screen 0.7510333,0.8214286 nohead lw 2 dt solid lc rgb '#0072b2' front
set label 'my_func2' at screen 0.7635333,0.8214286 left noenhanced front tc rgb '#263238' font 'DejaVu Sans,13'
set label '1 call, 1.500 s, +468.0 MiB, peak 480.0 MiB' at screen 0.7635333,0.7985714 left noenhanced front tc rgb '#66737d' font 'DejaVu Sans,12'
$curve << EOD
0.1 10
0.5 10
1 160
1.6 160
1.704 12
1.71 12
2 12
2.5 480
3.4 480
3.5 14
4 14
EOD
$bands << EOD
0.5 1.704 0 519.977 13983232
2 3.5 0 519.977 29362
EOD
$cells << EOD
0.5 1.704 519.977 535.3128 15779750
2 3.5 519.977 535.3128 10931940
EOD
$outside << EOD
0.1 10
0.5 10

1.704 12
1.71 12
2 12

3.5 14
4 14
EOD
$area1 << EOD
2 12
2.5 480
3.4 480
3.5 14
EOD
$ends1 << EOD
2.030998 23.96208
2 23.96208
2 0.958483
2.030998 0.958483

2.030998 535.3128
2 535.3128
2 519.977
2.030998 519.977

3.469002 25.5018
3.5 25.5018
3.5 2.498204
3.469002 2.498204

3.469002 535.3128
3.5 535.3128
3.5 519.977
3.469002 519.977

EOD
$area0 << EOD
0.5 10
1 160
1.6 160
1.704 12
EOD
$ends0 << EOD
0.5309981 23.96208
0.5 23.96208
0.5 0.958483
0.5309981 0.958483

0.5309981 535.3128
0.5 535.3128
0.5 519.977
0.5309981 519.977

1.673002 23.96208
1.704 23.96208
1.704 0.958483
1.673002 0.958483

1.673002 535.3128
1.704 535.3128
1.704 519.977
1.673002 519.977

EOD
set label 'my_func1' at screen 0.1564833,0.875 left noenhanced front tc rgb '#263238' font 'DejaVu Sans,12'
set label 'my_func2' at screen 0.3984333,0.875 left noenhanced front tc rgb '#263238' font 'DejaVu Sans,12'
set label 'peak 480.2 MiB' at screen 0.4259907,0.8214286 left noenhanced front tc rgb '#4a5760' font 'DejaVu Sans:Bold,13'
set arrow from first 0,480.1999998 to first 4,480.1999998 nohead lw 1.2 dt (14,9) lc rgb '#4a5760'
set arrow from first 2.5,0 to first 2.5,480.1999998 nohead lw 1.2 dt (14,9) lc rgb '#4a5760'
BASE = 0
PEAK_X = 2.5
PEAK_Y = 480
plot NaN notitle, $bands using 1:3:1:2:3:4:5 with boxxyerror lc rgb variable fs transparent solid 0.05 noborder, $cells using 1:3:1:2:3:4:5 with boxxyerror lc rgb variable fs solid noborder, $outside using 1:2 with filledcurves y1=BASE fc rgb '#b4c0c9' fs transparent solid 0.45 noborder, $area1 using 1:2 with filledcurves y1=BASE fc rgb '#0072b2' fs transparent solid 0.42 noborder, $area0 using 1:2 with filledcurves y1=BASE fc rgb '#d55e00' fs transparent solid 0.42 noborder, $curve using 1:2 with lines lw 2 lc rgb '#2f3e48', $ends1 using 1:2 with lines lw 5 lc rgb '#60ffffff', $ends1 using 1:2 with lines lw 2.5 dt solid lc rgb '#0072b2', $ends0 using 1:2 with lines lw 5 lc rgb '#60ffffff', $ends0 using 1:2 with lines lw 2.5 dt solid lc rgb '#d55e00', '+' every ::::0 using (PEAK_X):(PEAK_Y) with points pt 7 ps 0.8 lc rgb '#2f3e48'
